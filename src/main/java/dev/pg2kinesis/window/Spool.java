package dev.pg2kinesis.window;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way from the server to the decoder, first in first out: in memory up to a
 * threshold, in a file of the ephemeral storage beyond it. Not thread-safe.
 */
final class Spool implements AutoCloseable {

  /** LSN, xid, length. A negative length {@code ~n} means n bytes and then a commit. */
  private static final int ROW_HEADER = Long.BYTES + Integer.BYTES + Integer.BYTES;

  /** A commit's LSN, xid, and time as seconds and nanoseconds. */
  private static final int COMMIT_BYTES = Long.BYTES + Integer.BYTES + Long.BYTES + Integer.BYTES;

  /** Stands for the nanoseconds of a commit that has no time. */
  private static final int NO_TIME = -1;

  /**
   * Rows pass to and from the file in pieces of this many bytes. A channel that is given a whole
   * row on the heap would copy it to a buffer of the row's size outside the heap, and keep that
   * buffer for the thread.
   */
  private static final int PIECE_BYTES = 256 * 1024;

  private final Spill spill;
  private final Queue<Stored> batches = new ArrayDeque<>();
  private long inMemory;
  private long inFile;
  private long fileEnd;
  private @Nullable FileChannel file;
  private ByteBuffer piece = ByteBuffer.allocate(0);

  /** A batch that is in memory, or where it is in the file. */
  private record Stored(@Nullable RowBatch batch, long offset, long length) {}

  Spool(Spill spill) {
    this.spill = spill;
  }

  /**
   * Adds a batch; {@link #take()} returns it whole. The spool keeps the batch: do not change it
   * afterwards.
   */
  void put(RowBatch batch) {
    long bytes = batch.heapBytes();
    if (inMemory + bytes <= spill.thresholdBytes()) {
      inMemory += bytes;
      batches.add(new Stored(batch, 0, 0));
    } else {
      batches.add(write(batch));
    }
  }

  private Stored write(RowBatch batch) {
    long offset = fileEnd;
    try {
      FileChannel channel = openFile();
      piece.clear();
      for (int index = 0, transaction = 0; index < batch.size(); index++) {
        boolean ends = batch.isEndOf(transaction, index);
        int length = batch.to(index) - batch.from(index);
        makeRoom(ROW_HEADER, channel);
        piece
            .putLong(batch.lsn(index).value())
            .putInt((int) batch.xid(index))
            .putInt(ends ? ~length : length);
        write(batch.bytes(), batch.from(index), batch.to(index), channel);
        if (ends) {
          write(batch.commit(transaction++), channel);
        }
      }
      drain(channel);
    } catch (IOException e) {
      fileEnd = offset;
      throw new SpillException(inFile, e);
    }
    long length = fileEnd - offset;
    inFile += length;
    return new Stored(null, offset, length);
  }

  private void write(byte[] bytes, int from, int to, FileChannel channel) throws IOException {
    int at = from;
    while (at < to) {
      makeRoom(1, channel);
      int length = Math.min(piece.remaining(), to - at);
      piece.put(bytes, at, length);
      at += length;
    }
  }

  private void write(Commit commit, FileChannel channel) throws IOException {
    makeRoom(COMMIT_BYTES, channel);
    Instant time = commit.time();
    piece
        .putLong(commit.lsn().value())
        .putInt((int) commit.xid())
        .putLong(time == null ? 0 : time.getEpochSecond())
        .putInt(time == null ? NO_TIME : time.getNano());
  }

  private void makeRoom(int bytes, FileChannel channel) throws IOException {
    if (piece.remaining() < bytes) {
      drain(channel);
    }
  }

  private void drain(FileChannel channel) throws IOException {
    piece.flip();
    while (piece.hasRemaining()) {
      fileEnd += channel.write(piece, fileEnd);
    }
    piece.clear();
  }

  /** The oldest batch, or null if there is none. */
  @Nullable RowBatch take() {
    Stored stored = batches.poll();
    if (stored == null) {
      return null;
    }
    RowBatch held = stored.batch;
    if (held != null) {
      inMemory -= held.heapBytes();
      return held;
    }
    inFile -= stored.length;
    RowBatch batch = read(stored);
    if (inFile == 0) {
      // All of the file is read, so the next rows can overwrite it from the start.
      fileEnd = 0;
    }
    return batch;
  }

  private RowBatch read(Stored stored) {
    RowBatch batch = new RowBatch();
    long end = stored.offset + stored.length;
    try {
      FileChannel channel = openFile();
      piece.clear().flip();
      long at = stored.offset;
      while (at < end || piece.hasRemaining()) {
        at = fill(ROW_HEADER, channel, at, end);
        Lsn lsn = new Lsn(piece.getLong());
        long xid = Integer.toUnsignedLong(piece.getInt());
        int length = piece.getInt();
        byte[] bytes = new byte[length < 0 ? ~length : length];
        for (int from = 0; from < bytes.length; ) {
          at = fill(1, channel, at, end);
          int count = Math.min(piece.remaining(), bytes.length - from);
          piece.get(bytes, from, count);
          from += count;
        }
        Commit commit = null;
        if (length < 0) {
          at = fill(COMMIT_BYTES, channel, at, end);
          commit = commit();
        }
        batch.add(new RawRow(lsn, xid, bytes), commit);
      }
    } catch (IOException e) {
      throw new SpillException(inFile, e);
    }
    return batch;
  }

  private Commit commit() {
    Lsn lsn = new Lsn(piece.getLong());
    long xid = Integer.toUnsignedLong(piece.getInt());
    long seconds = piece.getLong();
    int nanos = piece.getInt();
    return new Commit(xid, lsn, nanos == NO_TIME ? null : Instant.ofEpochSecond(seconds, nanos));
  }

  /** Reads on until {@code wanted} bytes are there; returns the file position that was reached. */
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

  /** Bytes in the file that are not read yet. */
  long spilledBytes() {
    return inFile;
  }

  /** The file's size in bytes. */
  long fileBytes() {
    try {
      return file == null ? 0 : file.size();
    } catch (IOException e) {
      throw new SpillException(inFile, e);
    }
  }

  private FileChannel openFile() throws IOException {
    FileChannel open = file;
    if (open == null) {
      Path path = Files.createTempFile(spill.directory(), "pg2kinesis-", ".spill");
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

  @Override
  public void close() {
    batches.clear();
    FileChannel open = file;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new SpillException(inFile, e);
      }
    }
  }
}
