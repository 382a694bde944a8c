package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import org.jspecify.annotations.Nullable;

/** {@link Packing#LINES}. A change larger than the target size is a record of its own. */
final class LinePacker implements Packer {

  private final int group;
  private final int targetBytes;
  private final PackedChanges changes;

  LinePacker(int group, PackBuffers buffers) {
    this.group = group;
    this.targetBytes = buffers.size();
    this.changes = new PackedChanges(buffers);
  }

  @Override
  public @Nullable Entry add(StreamRecord change, long index, long pendingBytes) {
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
    changes.contains(index, pendingBytes);
    return complete;
  }

  @Override
  public int group() {
    return group;
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
