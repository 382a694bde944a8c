package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import org.jspecify.annotations.Nullable;

/** {@link Packing#LINES}. A change that fills a record alone is one. */
final class LinePacker implements Packer {

  private final int group;
  private final int targetBytes;
  private final PackedChanges changes = new PackedChanges();

  LinePacker(int group, int targetBytes) {
    this.group = group;
    this.targetBytes = targetBytes;
  }

  @Override
  public @Nullable Entry add(StreamRecord change, long index, long held) {
    Entry complete = null;
    byte[] payload = change.payload();
    if (!changes.isEmpty()) {
      if (changes.length() + 1 + payload.length > targetBytes) {
        complete = changes.toEntry(group);
      } else {
        changes.append('\n');
      }
    }
    changes.append(payload);
    changes.contains(index, held);
    return complete;
  }

  @Override
  public boolean isEmpty() {
    return changes.isEmpty();
  }

  @Override
  public Entry seal() {
    return changes.toEntry(group);
  }
}
