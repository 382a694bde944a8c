package dev.pg2kinesis.window;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.SlotException;
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
  static final int ROW_OVERHEAD = 88;

  /** LSN, xid, length. */
  private static final int ROW_HEADER = Long.BYTES + Integer.BYTES + Integer.BYTES;

  /**
   * Rows pass to and from the file in pieces of this size. A channel given a whole row on the heap
   * would copy it to a buffer of the row's size outside the heap, and keep that for the thread.
   */
  private static final int PIECE_BYTES = 256 * 1024;

  private final long memoryLimit;
  private final Path directory;
  private final Queue<Batch> batches = new ArrayDeque<>();
  private long inMemory;
  private long inFile;
  private long fileEnd;
  private @Nullable FileChannel file;
  private ByteBuffer piece = ByteBuffer.allocate(0);

  /** Rows that travel together: either held, or written to the file. */
  private record Batch(List<RawRow> rows, long memory, long offset, long length) {}

  /**
   * @param memoryLimit bytes to hold in memory
   * @param directory where the file is made, if one is needed
   */
  Spool(long memoryLimit, Path directory) {
    this.memoryLimit = memoryLimit;
    this.directory = directory;
  }

  /** Adds rows, which {@link #take()} returns together; the list is the spool's from then on. */
  void put(List<RawRow> rows) {
    long memory = 0;
    for (RawRow row : rows) {
      memory += row.bytes().length + ROW_OVERHEAD;
    }
    if (inMemory + memory <= memoryLimit) {
      inMemory += memory;
      batches.add(new Batch(rows, memory, 0, 0));
    } else {
      batches.add(write(rows));
    }
  }

  private Batch write(List<RawRow> rows) {
    long offset = fileEnd;
    try {
      FileChannel channel = openFile();
      piece.clear();
      for (RawRow row : rows) {
        if (piece.remaining() < ROW_HEADER) {
          drain(channel);
        }
        piece.putLong(row.lsn().value()).putInt((int) row.xid()).putInt(row.bytes().length);
        write(row.bytes(), channel);
      }
      drain(channel);
    } catch (IOException e) {
      fileEnd = offset;
      throw failed(e);
    }
    long length = fileEnd - offset;
    inFile += length;
    return new Batch(List.of(), 0, offset, length);
  }

  private void write(byte[] bytes, FileChannel channel) throws IOException {
    int from = 0;
    while (from < bytes.length) {
      if (!piece.hasRemaining()) {
        drain(channel);
      }
      int length = Math.min(piece.remaining(), bytes.length - from);
      piece.put(bytes, from, length);
      from += length;
    }
  }

  private void drain(FileChannel channel) throws IOException {
    piece.flip();
    while (piece.hasRemaining()) {
      fileEnd += channel.write(piece, fileEnd);
    }
    piece.clear();
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
    List<RawRow> rows = new ArrayList<>();
    long end = batch.offset + batch.length;
    try {
      FileChannel channel = openFile();
      piece.clear().flip();
      long at = batch.offset;
      while (at < end || piece.hasRemaining()) {
        at = fill(ROW_HEADER, channel, at, end);
        Lsn lsn = new Lsn(piece.getLong());
        long xid = Integer.toUnsignedLong(piece.getInt());
        byte[] bytes = new byte[piece.getInt()];
        for (int from = 0; from < bytes.length; ) {
          at = fill(1, channel, at, end);
          int length = Math.min(piece.remaining(), bytes.length - from);
          piece.get(bytes, from, length);
          from += length;
        }
        rows.add(new RawRow(lsn, xid, bytes));
      }
    } catch (IOException e) {
      throw failed(e);
    }
    return rows;
  }

  /** Reads on until so many bytes are there; returns the file position that was reached. */
  private long fill(int wanted, FileChannel channel, long at, long end) throws IOException {
    if (piece.remaining() >= wanted) {
      return at;
    }
    long position = at;
    piece.compact();
    piece.limit((int) Math.min(piece.capacity(), piece.position() + (end - at)));
    while (piece.position() < wanted) {
      int read = channel.read(piece, position);
      if (read <= 0) {
        throw new IOException("the spill file ends early");
      }
      position += read;
    }
    piece.flip();
    return position;
  }

  boolean isEmpty() {
    return batches.isEmpty();
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
      piece = ByteBuffer.allocateDirect(PIECE_BYTES);
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
