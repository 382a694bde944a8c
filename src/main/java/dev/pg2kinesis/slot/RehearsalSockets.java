package dev.pg2kinesis.slot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Creates sockets in memory, at whose other end a PostgreSQL server has already said all that a
 * {@link DriverRehearsal} waits for. Public because pgjdbc instantiates it by name.
 */
public final class RehearsalSockets extends SocketFactory {

  private static final int TEXT = 25;

  @Override
  public Socket createSocket() {
    return new Recorded();
  }

  @Override
  public Socket createSocket(String host, int port) {
    return new Recorded();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    return new Recorded();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    return new Recorded();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    return new Recorded();
  }

  private static final class Recorded extends Socket {

    private final InputStream answers = new ByteArrayInputStream(RehearsalSockets.answers());

    /** Keeps pgjdbc from connecting. */
    @Override
    public boolean isConnected() {
      return true;
    }

    @Override
    public InputStream getInputStream() {
      return answers;
    }

    @Override
    public OutputStream getOutputStream() {
      return OutputStream.nullOutputStream();
    }

    @Override
    public void setTcpNoDelay(boolean on) {
      // there is no network
    }

    @Override
    public void setKeepAlive(boolean on) {
      // there is no network
    }

    @Override
    public void setSoTimeout(int millis) {
      // there is no network
    }

    @Override
    public int getSoTimeout() {
      return 0;
    }
  }

  /** PostgreSQL documentation, "Message Formats". */
  private static byte[] answers() {
    Answers all = new Answers();
    all.message('R', out -> out.writeInt(0)); // logged in
    all.parameter("server_version", "17.0");
    all.parameter("client_encoding", "UTF8");
    all.parameter("DateStyle", "ISO, MDY");
    all.parameter("TimeZone", "UTC");
    all.parameter("integer_datetimes", "on");
    all.parameter("standard_conforming_strings", "on");
    all.message(
        'K',
        out -> {
          out.writeInt(1);
          out.writeInt(1);
        });
    all.ready();
    all.done("SET"); // extra_float_digits
    all.row(); // of a statement
    all.row(); // of a prepared statement
    all.message(
        'H',
        out -> {
          out.writeByte(1);
          out.writeShort(1);
          out.writeShort(1);
        });
    all.message('d', out -> out.writeByte(0));
    all.message('c', out -> {});
    all.done("COPY 1");
    return all.bytes.toByteArray();
  }

  private static final class Answers {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    interface Body {
      void writeTo(DataOutputStream out) throws IOException;
    }

    void message(char type, Body body) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      try {
        body.writeTo(new DataOutputStream(content));
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(type);
        out.writeInt(4 + content.size());
        content.writeTo(out);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void parameter(String name, String value) {
      message('S', out -> out.write((name + '\0' + value + '\0').getBytes(UTF_8)));
    }

    void ready() {
      message('Z', out -> out.writeByte('I'));
    }

    void done(String tag) {
      message('C', out -> out.write((tag + '\0').getBytes(UTF_8)));
      ready();
    }

    /** A statement is parsed and bound, and returns one row of one text. */
    void row() {
      message('1', out -> {});
      message('2', out -> {});
      message(
          'T',
          out -> {
            out.writeShort(1);
            out.write("text\0".getBytes(UTF_8));
            out.writeInt(0);
            out.writeShort(0);
            out.writeInt(TEXT);
            out.writeShort(-1);
            out.writeInt(-1);
            out.writeShort(0);
          });
      message(
          'D',
          out -> {
            out.writeShort(1);
            out.writeInt(1);
            out.write('1');
          });
      done("SELECT 1");
    }
  }
}
