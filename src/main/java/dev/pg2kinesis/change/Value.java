package dev.pg2kinesis.change;

/**
 * The value of a column in one version of a row. NULL and "not in the WAL" are types of their own,
 * so that no text can be mistaken for them.
 */
public sealed interface Value {

  /** SQL NULL. */
  Value NULL = Null.INSTANCE;

  /**
   * A TOASTed value that the update did not touch: the WAL does not hold it, and its old value is
   * still the row's.
   */
  Value UNCHANGED = Unchanged.INSTANCE;

  /** The value whose text form is {@code text}. */
  static Value of(String text) {
    return new Text(text);
  }

  /**
   * A value in the text form of its type's output function, under the session settings that {@code
   * slot} pins (UTC, ISO dates, {@code postgres} intervals, hex bytea, shortest exact floats);
   * {@code boolean} is {@code t} or {@code f}.
   */
  record Text(String text) implements Value {
    /** Says how long the value is and never what it is, since values must not reach a log. */
    @Override
    public String toString() {
      return "Text[" + text.length() + " characters]";
    }
  }

  /** See {@link #NULL}. */
  enum Null implements Value {
    INSTANCE
  }

  /** See {@link #UNCHANGED}. */
  enum Unchanged implements Value {
    INSTANCE
  }
}
