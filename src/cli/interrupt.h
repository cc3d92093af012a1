/* Ctrl-C, kill and a closed terminal end the program without an unfinished file behind it. */
#ifndef RGQ_CLI_INTERRUPT_H
#define RGQ_CLI_INTERRUPT_H

/** Call it first in main(), before any thread exists: they take over the blocked signals.
 *  A signal that is ignored (nohup, a job in the background of a script) stays ignored. */
void rgq_interrupt_watch(void);

#endif
