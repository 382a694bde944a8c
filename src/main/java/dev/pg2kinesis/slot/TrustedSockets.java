package dev.pg2kinesis.slot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Properties;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ssl.LibPQFactory;
import org.postgresql.ssl.WrappedFactory;
import org.postgresql.util.PSQLException;

/**
 * pgjdbc's sockets for servers whose certificate is checked, kept for the life of the process.
 * pgjdbc itself would parse the file of authorities for each connection, and that of RDS has more
 * than a hundred. Public because pgjdbc instantiates it by name.
 */
public final class TrustedSockets extends WrappedFactory {

  private static @Nullable Kept kept;

  /** What sockets were made from, so that a file that is replaced is read again. */
  private record Source(String mode, Path file, FileTime modified, long bytes) {}

  private record Kept(Source source, SSLSocketFactory sockets) {}

  /** Called by pgjdbc, after {@link #prepare}. */
  public TrustedSockets(Properties properties) throws PSQLException {
    factory = sockets(properties);
  }

  /**
   * Lets a connection with these properties use what is kept. Reads the authorities here, where a
   * failure is still pgjdbc's own.
   */
  static void prepare(Properties properties) throws PSQLException {
    sockets(properties);
    PGProperty.SSL_FACTORY.set(properties, TrustedSockets.class.getName());
  }

  static synchronized SSLSocketFactory sockets(Properties properties) throws PSQLException {
    Source source = source(properties);
    Kept before = kept;
    if (before != null && before.source().equals(source)) {
      return before.sockets();
    }
    SSLSocketFactory sockets = new LibPQFactory(properties);
    kept = source == null ? null : new Kept(source, sockets);
    return sockets;
  }

  private static @Nullable Source source(Properties properties) {
    Path file = Path.of(String.valueOf(PGProperty.SSL_ROOT_CERT.getOrDefault(properties)));
    try {
      return new Source(
          String.valueOf(PGProperty.SSL_MODE.getOrDefault(properties)),
          file,
          Files.getLastModifiedTime(file),
          Files.size(file));
    } catch (IOException e) {
      return null; // and pgjdbc says what is wrong with it
    }
  }
}
