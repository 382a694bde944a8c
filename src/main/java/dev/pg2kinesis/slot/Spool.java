package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way from the server to the decoder, first in first out: in memory up to a
 * threshold, in a file of the ephemeral storage beyond it. Not safe for several threads.
 */
final class Spool implements AutoCloseable {

  /** What a row costs on the heap besides its bytes: the record, its LSN, the array's header. */
  static final int ROW_OVERHEAD = 64;

  /** LSN, xid, length. */
  private static final int ROW_HEADER = Long.BYTES + Integer.BYTES + Integer.BYTES;

  private final long memoryLimit;
  private final Path directory;
  private final Queue<Batch> batches = new ArrayDeque<>();
  private long inMemory;
  private long inFile;
  private long fileEnd;
  private @Nullable FileChannel file;

  /** Rows that travel together: either held, or written to the file. */
  private record Batch(List<RawRow> rows, long memory, long offset, int length) {}

  /**
   * @param memoryLimit bytes to hold in memory
   * @param directory where the file is made, if one is needed
   */
  Spool(long memoryLimit, Path directory) {
    this.memoryLimit = memoryLimit;
    this.directory = directory;
  }

  /** Adds rows; the list is the spool's from then on. */
  void put(List<RawRow> rows) {
    long memory = 0;
    for (RawRow row : rows) {
      memory += row.bytes().length + ROW_OVERHEAD;
    }
    if (inMemory + memory <= memoryLimit) {
      inMemory += memory;
      batches.add(new Batch(rows, memory, 0, 0));
      return;
    }
    for (List<RawRow> part : writable(rows)) {
      batches.add(write(part));
    }
  }

  /** Splits off rows so that each part fits an array. */
  private static List<List<RawRow>> writable(List<RawRow> rows) {
    List<List<RawRow>> parts = new ArrayList<>();
    List<RawRow> part = new ArrayList<>();
    long bytes = 0;
    for (RawRow row : rows) {
      if (!part.isEmpty() && bytes + row.bytes().length > Integer.MAX_VALUE / 4) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(row);
      bytes += row.bytes().length + ROW_HEADER;
    }
    parts.add(part);
    return parts;
  }

  private Batch write(List<RawRow> rows) {
    int length = 0;
    for (RawRow row : rows) {
      length += ROW_HEADER + row.bytes().length;
    }
    ByteBuffer buffer = ByteBuffer.allocate(length);
    for (RawRow row : rows) {
      buffer.putLong(row.lsn().value());
      buffer.putInt((int) row.xid());
      buffer.putInt(row.bytes().length);
      buffer.put(row.bytes());
    }
    buffer.flip();
    long offset = fileEnd;
    try {
      FileChannel channel = openFile();
      while (buffer.hasRemaining()) {
        fileEnd += channel.write(buffer, fileEnd);
      }
    } catch (IOException e) {
      throw failed(e);
    }
    inFile += length;
    return new Batch(List.of(), 0, offset, length);
  }

  /** The oldest rows, or null if there are none. */
  @Nullable List<RawRow> take() {
    Batch batch = batches.poll();
    if (batch == null) {
      return null;
    }
    inMemory -= batch.memory;
    if (batch.length == 0) {
      return batch.rows;
    }
    inFile -= batch.length;
    List<RawRow> rows = read(batch);
    if (inFile == 0) {
      // Nothing in the file is wanted any more, so the next rows may lie where it began.
      fileEnd = 0;
    }
    return rows;
  }

  private List<RawRow> read(Batch batch) {
    ByteBuffer buffer = ByteBuffer.allocate(batch.length);
    try {
      FileChannel channel = openFile();
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, batch.offset + buffer.position()) < 0) {
          throw new IOException("the spill file ends early");
        }
      }
    } catch (IOException e) {
      throw failed(e);
    }
    buffer.flip();
    List<RawRow> rows = new ArrayList<>();
    while (buffer.hasRemaining()) {
      Lsn lsn = new Lsn(buffer.getLong());
      long xid = Integer.toUnsignedLong(buffer.getInt());
      byte[] bytes = new byte[buffer.getInt()];
      buffer.get(bytes);
      rows.add(new RawRow(lsn, xid, bytes));
    }
    return rows;
  }

  /** Bytes now in the file. */
  long spilledBytes() {
    return inFile;
  }

  /** The file's size. */
  long fileBytes() {
    try {
      return file == null ? 0 : file.size();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private FileChannel openFile() throws IOException {
    FileChannel open = file;
    if (open == null) {
      Path path = Files.createTempFile(directory, "pg2kinesis-", ".spill");
      open =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      file = open;
    }
    return open;
  }

  private SlotException failed(IOException e) {
    return new SlotException(
        SlotException.Code.SPILL_FAILED,
        "changes that wait for publishing do not fit the ephemeral storage ("
            + inFile
            + " bytes are there). Give the function more ephemeral storage or raise"
            + " SPILL_THRESHOLD_MB if it has memory to spare; nothing is lost, the slot has not"
            + " moved past them.",
        e);
  }

  @Override
  public void close() {
    batches.clear();
    FileChannel open = file;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }
}
