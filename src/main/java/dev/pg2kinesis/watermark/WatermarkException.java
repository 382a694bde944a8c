package dev.pg2kinesis.watermark;

import dev.pg2kinesis.error.CodedException;

/** The watermark and the slot do not agree, or the watermark cannot be read. */
public final class WatermarkException extends CodedException {

  private static final long serialVersionUID = 1L;

  private final Code code;

  /** Stable names of the errors. */
  public enum Code {
    /** The slot is not where the watermark says this function left it. */
    GAP(" Changes may be missing from the stream."),
    /** The watermark parameter holds something else than a watermark, or another slot's. */
    WATERMARK_INVALID(" Nothing is lost: the slot keeps its place.");

    private final String loss;

    Code(String loss) {
      this.loss = loss;
    }
  }

  WatermarkException(Code code, String message) {
    super(code.name(), message + code.loss, null);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
