package heal.nextflow;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Room for those that wait for an answer: each gets a thread more in the pool it was taken from.
 *
 * <p>Nextflow finishes all tasks, good and bad, on one pool of ten threads (Session.taskFinalizerExecutorService).
 * Without more, ten that wait would hold up every task that ends well.
 */
final class InFlightRoom {

    /** Beyond this many nobody waits: a run in which everything fails is better ended. */
    static final int MOST = 256;

    private final ExecutorService pool;
    private int waiting;

    InFlightRoom(ExecutorService pool) {
        this.pool = pool;
    }

    /** Takes a place: false where there is none. Whoever has one gives it back with {@link #leave}. */
    synchronized boolean enter() {
        if (waiting >= MOST) {
            return false;
        }
        waiting++;
        if (pool instanceof ThreadPoolExecutor threads) {
            threads.setMaximumPoolSize(threads.getMaximumPoolSize() + 1);
            threads.setCorePoolSize(threads.getCorePoolSize() + 1);
        }
        return true;
    }

    synchronized void leave() {
        waiting--;
        if (pool instanceof ThreadPoolExecutor threads) {
            threads.setCorePoolSize(threads.getCorePoolSize() - 1);
            threads.setMaximumPoolSize(threads.getMaximumPoolSize() - 1);
        }
    }

    synchronized int waiting() {
        return waiting;
    }
}
