package dev.pg2kinesis.decode;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The types that every PostgreSQL server has under the same object id, and the names that {@code
 * format_type(oid, NULL)} prints for them: those of PostgreSQL 11 to 18 with an id below 10000,
 * which is where ids stop being assigned by hand ("OID Assignment", PostgreSQL documentation).
 *
 * <p>{@link #TABLE} is the union over all those servers (0 where an array type has no fixed id, the
 * larger of two) of
 *
 * <pre>{@code
 * SELECT t.oid, coalesce(a.oid, 0), t.typname, format_type(t.oid, NULL)
 * FROM pg_type t LEFT JOIN pg_type a ON a.oid = t.typarray AND a.oid < 10000
 * WHERE t.oid < 10000 AND (t.typtype <> 'p' OR t.typname = 'cstring') AND t.typname <> 'smgr'
 *   AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
 * ORDER BY t.oid
 * }</pre>
 *
 * {@code smgr}, which PostgreSQL 12 dropped, is left out since its id serves an array today.
 */
final class PgOutputBuiltInTypes {

  private static final String TABLE =
      """
      16 1000 bool boolean
      17 1001 bytea bytea
      18 1002 char "char"
      19 1003 name name
      20 1016 int8 bigint
      21 1005 int2 smallint
      22 1006 int2vector int2vector
      23 1007 int4 integer
      24 1008 regproc regproc
      25 1009 text text
      26 1028 oid oid
      27 1010 tid tid
      28 1011 xid xid
      29 1012 cid cid
      30 1013 oidvector oidvector
      71 210 pg_type pg_type
      75 270 pg_attribute pg_attribute
      81 272 pg_proc pg_proc
      83 273 pg_class pg_class
      114 199 json json
      142 143 xml xml
      194 0 pg_node_tree pg_node_tree
      600 1017 point point
      601 1018 lseg lseg
      602 1019 path path
      603 1020 box box
      604 1027 polygon polygon
      628 629 line line
      650 651 cidr cidr
      700 1021 float4 real
      701 1022 float8 double precision
      702 1023 abstime abstime
      703 1024 reltime reltime
      704 1025 tinterval tinterval
      718 719 circle circle
      774 775 macaddr8 macaddr8
      790 791 money money
      829 1040 macaddr macaddr
      869 1041 inet inet
      1033 1034 aclitem aclitem
      1042 1014 bpchar character
      1043 1015 varchar character varying
      1082 1182 date date
      1083 1183 time time without time zone
      1114 1115 timestamp timestamp without time zone
      1184 1185 timestamptz timestamp with time zone
      1186 1187 interval interval
      1248 0 pg_database pg_database
      1266 1270 timetz time with time zone
      1560 1561 bit bit
      1562 1563 varbit bit varying
      1700 1231 numeric numeric
      1790 2201 refcursor refcursor
      2202 2207 regprocedure regprocedure
      2203 2208 regoper regoper
      2204 2209 regoperator regoperator
      2205 2210 regclass regclass
      2206 2211 regtype regtype
      2275 1263 cstring cstring
      2842 0 pg_authid pg_authid
      2843 0 pg_auth_members pg_auth_members
      2950 2951 uuid uuid
      2970 2949 txid_snapshot txid_snapshot
      3220 3221 pg_lsn pg_lsn
      3361 0 pg_ndistinct pg_ndistinct
      3402 0 pg_dependencies pg_dependencies
      3614 3643 tsvector tsvector
      3615 3645 tsquery tsquery
      3642 3644 gtsvector gtsvector
      3734 3735 regconfig regconfig
      3769 3770 regdictionary regdictionary
      3802 3807 jsonb jsonb
      3904 3905 int4range int4range
      3906 3907 numrange numrange
      3908 3909 tsrange tsrange
      3910 3911 tstzrange tstzrange
      3912 3913 daterange daterange
      3926 3927 int8range int8range
      4066 0 pg_shseclabel pg_shseclabel
      4072 4073 jsonpath jsonpath
      4089 4090 regnamespace regnamespace
      4096 4097 regrole regrole
      4191 4192 regcollation regcollation
      4451 6150 int4multirange int4multirange
      4532 6151 nummultirange nummultirange
      4533 6152 tsmultirange tsmultirange
      4534 6153 tstzmultirange tstzmultirange
      4535 6155 datemultirange datemultirange
      4536 6157 int8multirange int8multirange
      4600 0 pg_brin_bloom_summary pg_brin_bloom_summary
      4601 0 pg_brin_minmax_multi_summary pg_brin_minmax_multi_summary
      5017 0 pg_mcv_list pg_mcv_list
      5038 5039 pg_snapshot pg_snapshot
      5069 271 xid8 xid8
      6101 0 pg_subscription pg_subscription
      """;

  private static final Map<Integer, String> BY_OID = new HashMap<>();
  private static final Map<String, String> BY_CATALOG_NAME = new HashMap<>();

  static {
    TABLE.lines().forEach(PgOutputBuiltInTypes::add);
  }

  private PgOutputBuiltInTypes() {}

  private static void add(String line) {
    String[] fields = line.split(" ", 4);
    String name = fields[3];
    BY_OID.put(Integer.valueOf(fields[0]), name);
    BY_CATALOG_NAME.put(fields[2], name);
    BY_CATALOG_NAME.put('_' + fields[2], name + "[]");
    if (!fields[1].equals("0")) {
      BY_OID.put(Integer.valueOf(fields[1]), name + "[]");
    }
  }

  /** The name of the type with that object id, such as {@code integer[]} for 1007. */
  static @Nullable String name(int oid) {
    return BY_OID.get(oid);
  }

  /** The name of the type that {@code pg_type.typname} calls so, such as {@code _int4}. */
  static @Nullable String nameOf(String typname) {
    return BY_CATALOG_NAME.get(typname);
  }
}
