"""What the two consumers of *serve* have in common: a link to the broker that is made anew, for ever, when it is lost.

A broker that goes away ends nothing here. What was delivered and not acknowledged comes again on the next link.
"""

import logging
from typing import Any, Final

import eventlet
from nameko.extensions import SharedExtension

from chassis import metrics
from chassis.wire import HEARTBEAT_S, Delivery, Link, LinkLost

log = logging.getLogger(__name__)

RETRY_S: Final = 0.5


class Consumer(SharedExtension):
    """Reads one queue for a nameko container."""

    part = "consumer"
    prefetch = 1

    def __init__(self) -> None:
        self.link: Link | None = None
        self._reader: Any = None
        self._paused = False
        self._stopping = False

    def queue(self, channel: Any) -> str:
        """Declare what this consumer needs and return the queue's name."""
        raise NotImplementedError

    def take(self, link: Link, deliveries: list[Delivery]) -> None:
        """Take what arrived; an exception drops the link, so that everything unacknowledged comes again."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin to read, now or as soon as there is a broker."""
        if self._reader is None:
            self._reader = self.container.spawn_managed_thread(self._read, identifier=self.part)

    def pause(self) -> None:
        """Take no more deliveries; what was taken may still be answered."""
        self._paused = True
        if self.link is not None:
            try:
                self.link.stop_consuming(self.part)
            except LinkLost:
                log.info("The broker was gone before the last goodbye.")

    def stop(self) -> None:
        """Take leave of the broker."""
        self._paused = self._stopping = True
        if self.link is not None:
            self.link.close()
        if self._reader is not None:
            with eventlet.Timeout(2, False):
                self._reader.wait()

    def kill(self) -> None:
        """Let go of the broker at once."""
        self._stopping = True
        if self.link is not None:
            self.link.drop()

    @property
    def is_connected(self) -> bool:
        """Say whether the link stands."""
        return self.link is not None and self.link.alive

    def _read(self) -> None:
        told = False
        while not self._stopping and not self._paused:
            try:
                link = self._connect()
            except Exception as error:  # an end of this thread would be the end of the process
                if not told:
                    log.warning("No broker for the %s: %s. Trying again until there is one.", self.part, error)
                    told = True
                eventlet.sleep(RETRY_S)
                continue
            told = False
            if self._paused or self._stopping:  # asked to while it connected
                link.drop()
                return
            self.link = link
            metrics.BROKER_CONNECTED.labels(self.part).set(1)
            try:
                for arrived in link.arrivals():
                    if arrived and not self._paused:
                        self.take(link, arrived)
            except LinkLost as error:
                log.warning("The %s lost the broker: %s.", self.part, error)
            except Exception:
                log.exception("The %s could not take what arrived; it goes back to the queue.", self.part)
                eventlet.sleep(RETRY_S)
            finally:
                metrics.BROKER_CONNECTED.labels(self.part).set(0)
                link.drop()
                self.link = None

    def _connect(self) -> Link:
        settings = self.container.config
        link = Link(settings["AMQP_URI"], heartbeat_s=int(settings.get("HEARTBEAT", HEARTBEAT_S)))
        try:
            queue = self.queue(link.channel)
            link.channel.basic_qos(0, self.prefetch, False)
            # The last thing said through py-amqp: from here on the link reads the socket itself.
            link.channel.basic_consume(queue, consumer_tag=self.part)
        except BaseException:
            link.drop()
            raise
        return link
