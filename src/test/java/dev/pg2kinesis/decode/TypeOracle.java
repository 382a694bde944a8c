package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Type;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What a server says of types and columns, asked one by one in the session of a test. */
final class TypeOracle {

  private final Connection connection;

  TypeOracle(Connection connection) {
    this.connection = connection;
  }

  /** The columns of a table. */
  List<Column> columns(String table) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT attname, atttypid FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0"
                + " AND NOT attisdropped ORDER BY attnum")) {
      statement.setString(1, table);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          columns.add(new Column(rows.getString(1), type(rows.getLong(2))));
        }
      }
    }
    return columns;
  }

  private Type type(long oid) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT format_type(t.oid, NULL), t.typtype, t.typdelim, t.typbasetype, t.typelem,"
                + " EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)"
                + " FROM pg_type t WHERE t.oid = ?")) {
      statement.setLong(1, oid);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        String name = row.getString(1);
        if (row.getString(2).equals("d")) {
          return new Type.Domain(name, type(row.getLong(4)));
        }
        if (row.getBoolean(6)) {
          return new Type.Array(name, type(row.getLong(5)));
        }
        Type.Kind kind =
            switch (row.getString(2)) {
              case "c" -> Type.Kind.COMPOSITE;
              case "e" -> Type.Kind.ENUM;
              case "r", "m" -> Type.Kind.RANGE;
              default -> Type.Kind.BASE;
            };
        return new Type.Scalar(name, kind, row.getString(3).charAt(0));
      }
    }
  }
}
