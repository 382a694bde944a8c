package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.aws.VersionedParameter.Versioned;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a snapshot's state in Parameter Store, encrypted, beside the watermark: the type of an
 * existing parameter cannot be changed, and the watermark's is plain. Another writer is detected by
 * the parameter's version and stops the run.
 */
public final class SnapshotStore {

  /** Parameter Store: the size of a standard parameter. */
  private static final int MAX_CHARACTERS = 4096;

  /** The rest is for what runs add: counts, reasons, the key of a row. */
  private static final int MAX_CHARACTERS_AT_START = 2000;

  private final VersionedParameter parameter;
  private long version;

  SnapshotStore(VersionedParameter parameter) {
    this.parameter = parameter;
  }

  /**
   * The store of a function.
   *
   * @param watermarkParameter the watermark's parameter, whose name is extended
   */
  public static SnapshotStore beside(String watermarkParameter, AwsClients clients) {
    return new SnapshotStore(
        VersionedParameter.encrypted(watermarkParameter + "-snapshot", clients));
  }

  /**
   * The state that was kept last; null if there is none.
   *
   * @throws SnapshotRefusedException if the parameter holds something else
   */
  public @Nullable SnapshotState read() {
    Versioned stored = parameter.read();
    if (stored == null) {
      return null;
    }
    version = stored.version();
    return parsed(stored.value());
  }

  static SnapshotState parsed(String text) {
    try {
      return SnapshotState.parse(text);
    } catch (IllegalArgumentException e) {
      throw new SnapshotRefusedException(
          "the parameter beside WATERMARK_PARAMETER does not hold a snapshot's state. Delete it:"
              + " the snapshot has to be started again, and no change is lost.");
    }
  }

  /**
   * Keeps the state of a snapshot that was asked for. {@link #read()} comes first.
   *
   * @throws SnapshotRefusedException if it has too many tables
   */
  public void begin(SnapshotState state) {
    checkSize(state.brief().json(), MAX_CHARACTERS_AT_START);
    write(state);
  }

  /**
   * Keeps a state. {@link #read()} comes first.
   *
   * @throws SnapshotRefusedException if it is too large for a parameter
   */
  public void write(SnapshotState state) {
    String json = text(state);
    // A run that overlaps has lost the slot's lock: what the present holder wrote stays.
    version = parameter.write(json, version, theirs -> true);
  }

  /** The parameter's value; reasons are cut to their codes where they do not fit. */
  static String text(SnapshotState state) {
    String json = state.json();
    return json.length() <= MAX_CHARACTERS ? json : checkSize(state.brief().json(), MAX_CHARACTERS);
  }

  private static String checkSize(String json, int max) {
    if (json.length() > max) {
      throw new SnapshotRefusedException(
          "the snapshot's state has "
              + json.length()
              + " characters, and there is room for "
              + max
              + ". Name fewer tables at a time.");
    }
    return json;
  }
}
