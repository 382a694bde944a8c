package dev.pg2kinesis.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate authority of its own, made with the JDK's keytool. */
public final class Authority {

  private static final String PASSWORD = "changeit";

  private final Path directory;
  private final String name;

  private Authority(Path directory, String name) {
    this.directory = directory;
    this.name = name;
  }

  /** Makes an authority whose files are in the directory. */
  public static Authority in(Path directory, String name) {
    Authority authority = new Authority(directory, name);
    authority.generate(name, "CN=" + name, "bc:c");
    authority.keytool(
        "-exportcert", "-rfc", "-alias", name, "-file", authority.certificate().toString());
    return authority;
  }

  /** A server's certificate and key, both PEM files. */
  public record Issued(Path certificate, Path key) {

    /** What a server written in Java needs to show this certificate. */
    public SSLContext context() {
      try (InputStream in = Files.newInputStream(certificate)) {
        String pem = Files.readString(key).replaceAll("-----[A-Z ]+-----", "");
        PrivateKey secret =
            KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
            "server",
            secret,
            PASSWORD.toCharArray(),
            CertificateFactory.getInstance("X.509")
                .generateCertificates(in)
                .toArray(Certificate[]::new));
        KeyManagerFactory keys =
            KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Issues a certificate for a host name. */
  public Issued issue(String host) {
    String alias = name + "-" + host;
    Path request = directory.resolve(alias + ".csr");
    Path certificate = directory.resolve(alias + ".crt");
    generate(alias, "CN=" + host, "san=dns:" + host);
    keytool("-certreq", "-alias", alias, "-file", request.toString());
    keytool(
        "-gencert",
        "-rfc",
        "-alias",
        name,
        "-ext",
        "san=dns:" + host,
        "-infile",
        request.toString(),
        "-outfile",
        certificate.toString());
    return new Issued(certificate, key(alias));
  }

  /** The options of a JVM that trusts this authority and no other. */
  public List<String> trustOptions() {
    Path trusted = directory.resolve(name + "-trusted.p12");
    try (InputStream in = Files.newInputStream(certificate());
        OutputStream out = Files.newOutputStream(trusted)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry(
          name, CertificateFactory.getInstance("X.509").generateCertificate(in));
      store.store(out, PASSWORD.toCharArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    return List.of(
        "-Djavax.net.ssl.trustStore=" + trusted, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
  }

  /** The authority's own certificate, a PEM file. */
  public Path certificate() {
    return directory.resolve(name + ".crt");
  }

  private Path keys() {
    return directory.resolve(name + ".p12");
  }

  private void generate(String alias, String subject, String extension) {
    keytool(
        "-genkeypair",
        "-alias",
        alias,
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        subject,
        "-ext",
        extension,
        "-validity",
        "30");
  }

  private void keytool(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(
        List.of("-keystore", keys().toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path key(String alias) {
    try (InputStream in = Files.newInputStream(keys())) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD.toCharArray());
      Key key = store.getKey(alias, PASSWORD.toCharArray());
      Path file = directory.resolve(alias + ".key");
      Files.writeString(
          file,
          "-----BEGIN PRIVATE KEY-----\n"
              + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
              + "\n-----END PRIVATE KEY-----\n");
      // The server refuses a key that others may read.
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
