package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Money;
import dev.pg2kinesis.change.Money.Holder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** Reads how amounts of money are written in a database. */
final class MoneyQuery {

  /**
   * The decimals of the session's {@code lc_monetary}; and whether that is the role's own, which
   * says nothing of the amounts that other roles write, with what the database has instead.
   */
  private static final String DECIMALS =
      """
      WITH s AS (
        SELECT setrole, setdatabase, split_part(setting, '=', 2) AS value
        FROM pg_db_role_setting, unnest(setconfig) AS setting
        WHERE setting LIKE 'lc\\_monetary=%'
          AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
          AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user)))
      SELECT scale(0::money::numeric), EXISTS (SELECT FROM s WHERE setrole <> 0),
        coalesce((SELECT value FROM s WHERE setrole = 0 ORDER BY setdatabase DESC LIMIT 1), 'C')
      """;

  /** Types that are made of money, however deeply, each with one row for each of its parts. */
  private static final String HOLDERS =
      """
      WITH RECURSIVE part (oid, of, kind, index, delimiter) AS (
        SELECT e.oid, t.oid, 'array', 0, e.typdelim
        FROM pg_type t JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
        UNION ALL
        SELECT typbasetype, oid, 'domain', 0, ',' FROM pg_type WHERE typtype = 'd'
        UNION ALL
        SELECT a.atttypid, c.reltype, 'composite', row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum) - 1, ','
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.reltype <> 0 AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT rngsubtype, rngtypid, 'range', 0, ',' FROM pg_range
        ${multiranges}
      ), holder (oid) AS (
        SELECT 'money'::regtype::oid
        UNION
        SELECT part.of FROM holder JOIN part USING (oid)
      )
      SELECT format_type(part.of, NULL), part.kind, part.index, format_type(part.oid, NULL), part.delimiter
      FROM holder JOIN part USING (oid)
      """;

  private static final String MULTIRANGES =
      "UNION ALL SELECT rngtypid, rngmultitypid, 'multirange', 0, ',' FROM pg_range";

  private MoneyQuery() {}

  /**
   * The decimals of amounts in the database of a connection whose {@code lc_monetary} is still the
   * database's own; changes that setting.
   */
  static int decimals(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET search_path = ''");
      String ofDatabase;
      try (ResultSet row = statement.executeQuery(DECIMALS)) {
        row.next();
        if (!row.getBoolean(2)) {
          return row.getInt(1);
        }
        ofDatabase = row.getString(3);
      }
      return decimals(statement, ofDatabase);
    }
  }

  private static int decimals(Statement statement, String locale) throws SQLException {
    try {
      statement.execute("SET lc_monetary = " + SqlText.literal(locale));
    } catch (SQLException e) {
      return Money.DECIMALS_OF_C; // as sessions do that cannot take the database's locale
    }
    try (ResultSet row = statement.executeQuery("SELECT scale(0::money::numeric)")) {
      row.next();
      return row.getInt(1);
    }
  }

  static Money read(Session session) throws SQLException {
    if (session.moneyDecimals() == Money.DECIMALS_OF_C) {
      return Money.TWO_DECIMALS;
    }
    String sql = HOLDERS.replace("${multiranges}", session.version() >= 140_000 ? MULTIRANGES : "");
    Map<String, Holder> holders = new HashMap<>();
    try (PreparedStatement statement = session.prepare(sql);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        String type = rows.getString(1);
        String part = rows.getString(4);
        switch (rows.getString(2)) {
          case "array" -> holders.put(type, new Holder.Array(part, rows.getString(5).charAt(0)));
          case "domain" -> holders.put(type, new Holder.Domain(part));
          case "range" -> holders.put(type, new Holder.Range(part));
          case "multirange" -> holders.put(type, new Holder.Multirange(part));
          default -> {
            Holder.Composite composite =
                (Holder.Composite)
                    holders.computeIfAbsent(type, t -> new Holder.Composite(new HashMap<>()));
            composite.fields().put(rows.getInt(3), part);
          }
        }
      }
    }
    return new Money(session.moneyDecimals(), Map.copyOf(holders));
  }
}
