// The parts of libxml2 that Swift cannot reach: a SAX2 handler without any that loads or expands.
#include <string.h>
#include <libxml/xmlversion.h>
// Its ICU headers would be a second definition beside those of Foundation; no type with ICU inside
// is used here.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

static inline xmlParserCtxtPtr kvitt_xml_push(startElementNsSAX2Func start, endElementNsSAX2Func end,
                                              charactersSAXFunc text, internalSubsetSAXFunc doctype,
                                              void *user) {
  xmlSAXHandler sax;
  memset(&sax, 0, sizeof sax);
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = start;
  sax.endElementNs = end;
  sax.characters = text;
  sax.cdataBlock = text;
  sax.internalSubset = doctype;
  xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, user, 0, 0, 0);
  if (parser) xmlCtxtUseOptions(parser, XML_PARSE_NONET);
  return parser;
}
static inline int kvitt_xml_line(xmlParserCtxtPtr parser) { return parser->input ? parser->input->line : 0; }
static inline int kvitt_xml_column(xmlParserCtxtPtr parser) { return parser->input ? parser->input->col : 0; }
static inline const char *kvitt_xml_message(xmlParserCtxtPtr parser) {
  return parser->lastError.message ? parser->lastError.message : "";
}
static inline void kvitt_xml_free(xmlParserCtxtPtr parser) {
  if (parser->myDoc) xmlFreeDoc(parser->myDoc);
  xmlFreeParserCtxt(parser);
}
