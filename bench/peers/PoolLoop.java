// Leases a connection and gives it back, over and over, from several threads, with connections that
// do nothing: what is measured is the pool. Prints the nanoseconds one thread needs for a pair, one
// line a round.
//
// usage: java PoolLoop hikari|httpclient5 THREADS ROUNDS
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.PrintWriter;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.pool.StrictConnPool;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

public final class PoolLoop {
  static final int CONNECTIONS = 64;
  static final long ROUND_NANOS = 1_000_000_000L;

  interface Pair {
    void leaseAndReturn() throws Exception;
  }

  static final class Stub implements ModalCloseable {
    public void close() {}

    public void close(CloseMode mode) {}
  }

  static Connection stubConnection() {
    return (Connection)
        Proxy.newProxyInstance(
            PoolLoop.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (self, method, args) -> {
              Class<?> type = method.getReturnType();
              if (type == boolean.class) return !method.getName().equals("isClosed");
              if (type == int.class) return 0;
              return null;
            });
  }

  static final class StubSource implements DataSource {
    public Connection getConnection() {
      return stubConnection();
    }

    public Connection getConnection(String user, String password) {
      return stubConnection();
    }

    public PrintWriter getLogWriter() {
      return null;
    }

    public void setLogWriter(PrintWriter out) {}

    public void setLoginTimeout(int seconds) {}

    public int getLoginTimeout() {
      return 0;
    }

    public Logger getParentLogger() {
      return null;
    }

    public <T> T unwrap(Class<T> type) {
      return null;
    }

    public boolean isWrapperFor(Class<?> type) {
      return false;
    }
  }

  static Pair hikari() {
    HikariConfig config = new HikariConfig();
    config.setDataSource(new StubSource());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(CONNECTIONS);
    HikariDataSource pool = new HikariDataSource(config);
    return () -> pool.getConnection().close();
  }

  static Pair httpClient5() {
    StrictConnPool<String, Stub> pool = new StrictConnPool<>(CONNECTIONS, CONNECTIONS);
    return () -> {
      PoolEntry<String, Stub> entry = pool.lease("route", null, Timeout.ofSeconds(5), null).get();
      if (!entry.hasConnection()) entry.assignConnection(new Stub());
      entry.updateExpiry(TimeValue.ofMinutes(1));
      pool.release(entry, true);
    };
  }

  static double round(Pair pair, int threads) throws Exception {
    AtomicLong pairs = new AtomicLong();
    CountDownLatch ready = new CountDownLatch(threads);
    long[] began = new long[1];
    Thread[] running = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      running[i] =
          new Thread(
              () -> {
                try {
                  ready.countDown();
                  ready.await();
                  long until = System.nanoTime() + ROUND_NANOS;
                  long done = 0;
                  while (System.nanoTime() < until) {
                    for (int n = 0; n < 1000; n++) pair.leaseAndReturn();
                    done += 1000;
                  }
                  pairs.addAndGet(done);
                } catch (Exception e) {
                  throw new RuntimeException(e);
                }
              });
      running[i].start();
    }
    began[0] = System.nanoTime();
    for (Thread t : running) t.join();
    return (double) (System.nanoTime() - began[0]) * threads / pairs.get();
  }

  public static void main(String[] args) throws Exception {
    Pair pair = args[0].equals("hikari") ? hikari() : httpClient5();
    int threads = Integer.parseInt(args[1]);
    for (int i = 0; i < 3; i++) round(pair, threads); // the compiler's warm-up
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      System.out.printf("%.1f%n", round(pair, threads));
    }
    System.exit(0);
  }
}
