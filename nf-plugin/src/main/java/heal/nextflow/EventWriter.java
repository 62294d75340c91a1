package heal.nextflow;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events in the order they are told, on a thread of its own: whoever tells never waits for a disk.
 *
 * <p>No method throws. What cannot be written is lost; the first loss costs one line in Nextflow's log.
 */
final class EventWriter {

    /** Events that wait to be written: beyond this the disk is stuck, and the memory is the run's. */
    private static final int CAPACITY = 4096;

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Logger log = LoggerFactory.getLogger(EventWriter.class);

    private final Spool spool;
    private final BlockingQueue<Item> waiting = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicBoolean complained = new AtomicBoolean();
    private volatile boolean stuck;

    EventWriter(Spool spool) {
        this.spool = spool;
        Thread thread = new Thread(this::work, "heal-events");
        thread.setDaemon(true);
        thread.start();
    }

    /** Has an event written soon; its content is asked for on the writer's thread. */
    void tell(Supplier<? extends Map<String, ?>> event) {
        queue(new Item(event));
    }

    /** Writes an event after all that were told before, and waits for it: true once it lies in the spool. */
    boolean write(Map<String, ?> event) {
        Item item = new Item(() -> event);
        return queue(item) && item.settled(PATIENCE) && item.written;
    }

    /** Waits until what was told so far is written, at most this long: false when it is not. Waits in vain only once. */
    boolean drain(Duration patience) {
        Item last = new Item(null);
        boolean drained = !stuck && queue(last) && last.settled(patience);
        stuck |= !drained;
        return drained;
    }

    private boolean queue(Item item) {
        boolean taken = waiting.offer(item);
        if (!taken) {
            complain("it takes events too slowly");
        }
        return taken;
    }

    private void work() {
        while (true) {
            try {
                settle(waiting.take());
            } catch (InterruptedException end) {
                return;
            }
        }
    }

    private void settle(Item item) {
        try {
            if (item.event != null) {
                spool.event(item.event.get());
                item.written = true;
            }
        } catch (Throwable error) { // a guest does not hurt its host
            complain(String.valueOf(error));
        } finally {
            item.done.countDown();
        }
    }

    /** Says once that heal does not see all of this run. */
    void complain(String why) {
        if (complained.compareAndSet(false, true)) {
            log.warn("heal: cannot tell all of this run in {} ({}); the run goes on", spool.folder(), why);
        }
    }

    private static final class Item {

        private final Supplier<? extends Map<String, ?>> event;
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile boolean written;

        Item(Supplier<? extends Map<String, ?>> event) {
            this.event = event;
        }

        boolean settled(Duration patience) {
            try {
                return done.await(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException asked) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
