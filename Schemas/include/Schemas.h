#ifndef KVITT_SCHEMAS_H
#define KVITT_SCHEMAS_H

#include <stddef.h>

/// One SQL file, embedded in the binary.
typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t length;
} kvitt_sql_file;

/// The migration at an index, counted from 0; its name is null past the last.
kvitt_sql_file kvitt_migration_at(size_t index);

/// The example terms at an index, counted from 0; its name is null past the last.
kvitt_sql_file kvitt_example_at(size_t index);

/// The script that makes the cluster's roles.
kvitt_sql_file kvitt_roles(void);

#endif
