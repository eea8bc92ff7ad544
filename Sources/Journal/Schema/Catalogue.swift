import Postgres

/// What the schema's files made, as the catalogue tells it.
///
/// Leaves come and go with their batches and are left out; so are rights, which an administrator
/// may give to readers of the bank's own.
enum Catalogue {
  /// A row for each object: name, digest of its definition.
  ///
  /// The catalogue leaves out of a definition the schemas that the search path has, so that path is
  /// `pg_catalog` alone while it is asked.
  static let objects: StaticString = """
    WITH relation AS MATERIALIZED (
      SELECT oid, relname, relkind FROM pg_class
       WHERE relnamespace = 'kvitt'::regnamespace AND relkind IN ('r', 'p', 'v')
         AND relname !~ '^(purchase|reward)_[0-9]'
    )
    SELECT format('function kvitt.%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid))
             AS name,
           md5(concat_ws('|', p.prosrc, p.proconfig::text, p.prosecdef, p.provolatile,
             pg_get_function_result(p.oid))) AS digest
      FROM pg_proc p WHERE p.pronamespace = 'kvitt'::regnamespace
    UNION ALL
    SELECT 'view kvitt.' || relname, md5(pg_get_viewdef(oid)) FROM relation WHERE relkind = 'v'
    UNION ALL
    SELECT 'trigger ' || t.tgname || ' on kvitt.' || r.relname,
           md5(concat_ws('|', pg_get_triggerdef(t.oid), t.tgenabled))
      FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'table kvitt.' || r.relname,
           md5(string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
             a.attnotnull, a.attidentity), ', ' ORDER BY a.attnum))
      FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid
     WHERE r.relkind <> 'v' AND a.attnum > 0 AND NOT a.attisdropped GROUP BY r.relname
    UNION ALL
    SELECT 'constraint ' || c.conname || ' on kvitt.' || r.relname,
           md5(concat_ws('|', c.contype, c.convalidated, c.conkey::text, c.confkey::text))
      FROM pg_constraint c JOIN relation r ON r.oid = c.conrelid
    """
}
