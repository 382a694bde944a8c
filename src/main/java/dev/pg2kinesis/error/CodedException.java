package dev.pg2kinesis.error;

import org.jspecify.annotations.Nullable;

/**
 * A failure with a stable code. Its message is the code, a colon and an explanation that says what
 * happened and how to fix it. It never holds row values or secrets, and is one line whatever names
 * it holds.
 */
public abstract class CodedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String codeName;
  private final String explanation;

  /**
   * @param codeName the stable name, in upper case
   * @param explanation what happened and how to fix it, without the code
   * @param cause the failure behind it; it must not quote values
   */
  protected CodedException(String codeName, String explanation, @Nullable Throwable cause) {
    super(codeName + ": " + PrintableText.escaped(explanation), cause);
    this.codeName = codeName;
    this.explanation = PrintableText.escaped(explanation);
  }

  /** The stable name that operators search for. */
  public final String codeName() {
    return codeName;
  }

  /** The message without the code. */
  public final String explanation() {
    return explanation;
  }
}
