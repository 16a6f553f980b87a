"""A service that counts: nothing but doors, listeners, timers and jobs to try the chassis with."""
