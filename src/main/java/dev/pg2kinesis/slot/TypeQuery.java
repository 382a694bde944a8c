package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Catalog.UserType;
import dev.pg2kinesis.change.Type;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** The types that are not built in. PostgreSQL documentation, "pg_type". */
final class TypeQuery {

  /**
   * Types that are not built in, with the element of an array and what a domain is over. Row types
   * of tables and arrays of those are left out unless a column has them, for they are many.
   */
  private static final String TYPES =
      """
      SELECT t.oid, CASE n.nspname WHEN 'pg_catalog' THEN '' ELSE n.nspname END, t.typname,
        format_type(t.oid, NULL), t.typtype, t.typdelim, o.oid, format_type(o.oid, NULL),
        o.typtype = 'c'
      FROM pg_type t
        JOIN pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_type o ON o.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END
        LEFT JOIN pg_class c
          ON c.oid = CASE WHEN t.typtype = 'b' THEN o.typrelid ELSE t.typrelid END
      WHERE t.oid >= 10000 AND t.typtype <> 'p'
        AND (c.oid IS NULL OR c.relkind = 'c'
          OR t.oid IN (SELECT atttypid FROM pg_attribute WHERE attrelid >= 16384))
      """;

  private final Map<Integer, UserType> types;

  private TypeQuery(Map<Integer, UserType> types) {
    this.types = types;
  }

  static TypeQuery read(Session session) throws SQLException {
    Map<Integer, TypeRow> read = new HashMap<>();
    try (PreparedStatement statement = session.prepare(TYPES);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        read.put(
            (int) rows.getLong(1),
            new TypeRow(
                rows.getString(2),
                rows.getString(3),
                rows.getString(4),
                rows.getString(5).charAt(0),
                rows.getString(6).charAt(0),
                (int) rows.getLong(7),
                String.valueOf(rows.getString(8)),
                rows.getBoolean(9)));
      }
    }
    Map<Integer, UserType> types = new HashMap<>();
    read.forEach(
        (oid, row) -> types.put(oid, new UserType(row.schema(), row.typname(), row.type(read))));
    return new TypeQuery(Map.copyOf(types));
  }

  /** The types by object id. */
  Map<Integer, UserType> userTypes() {
    return types;
  }

  /**
   * A type.
   *
   * @param name what {@code format_type} prints for it
   */
  Type type(int oid, String name) {
    UserType known = types.get(oid);
    return known == null ? Type.named(name) : known.type();
  }

  /**
   * A row of {@link #TYPES}.
   *
   * @param other the object id of the element or of what a domain is over, or 0
   * @param otherName its name
   * @param otherIsComposite whether it is a composite type, such as the row type of a table
   */
  private record TypeRow(
      String schema,
      String typname,
      String name,
      char typtype,
      char delimiter,
      int other,
      String otherName,
      boolean otherIsComposite) {

    private Type type(Map<Integer, TypeRow> rows) {
      if (typtype == 'd') {
        return new Type.Domain(name, other(rows));
      }
      return name.endsWith("[]")
          ? new Type.Array(name, other(rows))
          : new Type.Scalar(name, kind(), delimiter);
    }

    private Type other(Map<Integer, TypeRow> rows) {
      TypeRow known = rows.get(other);
      if (known != null) {
        return known.type(rows);
      }
      return otherIsComposite
          ? new Type.Scalar(otherName, Type.Kind.COMPOSITE, ',')
          : Type.named(otherName);
    }

    private Type.Kind kind() {
      return switch (typtype) {
        case 'c' -> Type.Kind.COMPOSITE;
        case 'e' -> Type.Kind.ENUM;
        case 'r', 'm' -> Type.Kind.RANGE;
        default -> Type.Kind.BASE;
      };
    }
  }
}
