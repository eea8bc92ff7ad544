import Postgres

/// What the schema's files made, as the catalogue tells it: whole definitions, and the program's rows.
///
/// Leaves come and go with their batches and are left out; so are indexes that guard nothing, and the right
/// to read that an administrator gave to others than kvitt's roles and everybody.
enum Catalogue {
  /// Runs the body with the settings that the catalogue's words depend on.
  static func reading<Value>(_ connection: Connection, _ body: () throws -> Value) throws -> Value {
    try connection.run("SET search_path = pg_catalog")
    try connection.run("SET quote_all_identifiers = off")
    defer {
      _ = try? connection.run("RESET search_path")
      _ = try? connection.run("RESET quote_all_identifiers")
    }
    return try body()
  }

  /// A row for each object: name, digest of its definition.
  static let objects: StaticString = """
    WITH relation AS MATERIALIZED (
      SELECT * FROM pg_class
       WHERE relnamespace = 'kvitt'::regnamespace AND relkind NOT IN ('i', 'I', 'S', 't')
         AND relname !~ '^(purchase|reward)_[0-9]+(_[0-9]+)?$'
    )
    SELECT 'schema kvitt' AS name, nspowner::regrole::text AS digest
      FROM pg_namespace WHERE nspname = 'kvitt'
    UNION ALL
    SELECT format('function kvitt.%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)),
           md5(concat_ws('|', p.proowner::regrole, p.prokind, CASE WHEN p.prokind <> 'a'
             THEN pg_get_functiondef(p.oid) END))
      FROM pg_proc p WHERE p.pronamespace = 'kvitt'::regnamespace
    UNION ALL
    SELECT 'view kvitt.' || relname,
           md5(concat_ws('|', relowner::regrole, relkind, reloptions::text, pg_get_viewdef(oid)))
      FROM relation WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT 'table kvitt.' || r.relname,
           md5(concat_ws('|', r.relowner::regrole, r.relkind, r.relpersistence, r.relrowsecurity,
             r.relforcerowsecurity, pg_get_partkeydef(r.oid),
             (SELECT string_agg(i.inhrelid::regclass::text, ',' ORDER BY 1) FROM pg_inherits i
               WHERE i.inhrelid = r.oid OR i.inhparent = r.oid AND r.relkind <> 'p'),
             (SELECT count(*) FROM pg_trigger t
               WHERE t.tgrelid = r.oid AND t.tgisinternal AND t.tgenabled <> 'O'),
             (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
                       a.attnotnull, a.attidentity, a.attgenerated, a.attcollation::regcollation,
                       pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum)
                FROM pg_attribute a
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
               WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)))
      FROM relation r WHERE r.relkind NOT IN ('v', 'm')
    UNION ALL
    SELECT 'constraint ' || c.conname || ' on kvitt.' || r.relname,
           md5(concat_ws('|', pg_get_constraintdef(c.oid), c.convalidated))
      FROM pg_constraint c JOIN relation r ON r.oid = c.conrelid
    UNION ALL
    SELECT 'trigger ' || t.tgname || ' on kvitt.' || r.relname,
           md5(concat_ws('|', pg_get_triggerdef(t.oid), t.tgenabled))
      FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'rule ' || w.rulename || ' on kvitt.' || r.relname,
           md5(concat_ws('|', pg_get_ruledef(w.oid), w.ev_enabled))
      FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy ' || y.polname || ' on kvitt.' || r.relname, ''
      FROM pg_policy y JOIN relation r ON r.oid = y.polrelid
    UNION ALL
    SELECT 'index ' || k.relname,
           md5(concat_ws('|', pg_get_indexdef(k.oid), i.indisunique, i.indisvalid, i.indimmediate))
      FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid JOIN relation r ON r.oid = i.indrelid
     WHERE i.indisunique OR pg_get_indexdef(k.oid) LIKE 'CREATE UNIQUE%'
    UNION ALL
    SELECT 'sequence kvitt.' || k.relname,
           md5(concat_ws('|', k.relowner::regrole, s.seqtypid::regtype, s.seqstart, s.seqincrement,
             s.seqmin, s.seqmax, s.seqcycle))
      FROM pg_sequence s JOIN pg_class k ON k.oid = s.seqrelid
     WHERE k.relnamespace = 'kvitt'::regnamespace
    UNION ALL
    SELECT 'rights of ' || o.name,
           md5(coalesce((SELECT string_agg(concat_ws(' ', a.grantee::regrole, a.privilege_type,
                           a.is_grantable, a.attname), ',' ORDER BY a.grantee::regrole::text,
                           a.privilege_type, a.attname)
              FROM (SELECT e.*, '' AS attname FROM aclexplode(o.acl) AS e
                     UNION ALL
                    SELECT e.*, c.attname FROM pg_attribute c, aclexplode(c.attacl) AS e
                     WHERE o.class = 'pg_class'::regclass AND c.attrelid = o.oid) AS a
             WHERE a.grantee <> o.owner AND (a.grantee = 0 OR a.privilege_type <> 'SELECT'
                OR a.grantee::regrole::text LIKE 'kvitt%')), ''))
      FROM (
        SELECT 'schema kvitt' AS name, 'pg_namespace'::regclass AS class, oid, nspowner AS owner,
               coalesce(nspacl, acldefault('n', nspowner)) AS acl
          FROM pg_namespace WHERE nspname = 'kvitt'
         UNION ALL
        SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view' ELSE 'table' END || ' kvitt.' || relname,
               'pg_class'::regclass, oid, relowner, coalesce(relacl, acldefault('r', relowner))
          FROM relation
         UNION ALL
        SELECT 'function kvitt.' || proname, 'pg_proc'::regclass, oid, proowner,
               coalesce(proacl, acldefault('f', proowner))
          FROM pg_proc WHERE pronamespace = 'kvitt'::regnamespace
      ) AS o
    UNION ALL
    SELECT 'rows of kvitt.account', md5(coalesce(string_agg(x::text, '|' ORDER BY x.code), ''))
      FROM kvitt.account x
    UNION ALL
    SELECT 'rows of kvitt.currency', md5(coalesce(string_agg(x::text, '|' ORDER BY x.id), ''))
      FROM kvitt.currency x
    UNION ALL
    SELECT 'rows of kvitt.flow', md5(coalesce(string_agg(x::text, '|' ORDER BY x.id), '')) FROM kvitt.flow x
    UNION ALL
    SELECT 'rows of kvitt.flow_leg', md5(coalesce(string_agg(x::text, '|' ORDER BY x.flow, x.leg), ''))
      FROM kvitt.flow_leg x
    UNION ALL
    SELECT 'rows of kvitt.batch_kind', md5(coalesce(string_agg(x::text, '|' ORDER BY x.kind), ''))
      FROM kvitt.batch_kind x
    UNION ALL
    SELECT 'rows of kvitt.batch_entry', md5(coalesce(string_agg(x::text, '|' ORDER BY x::text), ''))
      FROM kvitt.batch_entry x
    UNION ALL
    SELECT 'rows of kvitt.batch_attachment',
           md5(coalesce(string_agg(x::text, '|' ORDER BY x::text), ''))
      FROM kvitt.batch_attachment x
    UNION ALL
    SELECT 'rows of kvitt.batch_flow', md5(coalesce(string_agg(x::text, '|' ORDER BY x::text), ''))
      FROM kvitt.batch_flow x
    """
}
