#ifndef KVITT_SCHEMAS_H
#define KVITT_SCHEMAS_H

#include <stddef.h>

/// One file that is embedded in the binary: its path, and its text with a zero at the end.
typedef struct {
  const char *path;
  const unsigned char *text;
} kvitt_file;

/// The file at an index, counted from 0; its path is null past the last.
kvitt_file kvitt_file_at(size_t index);

#endif
