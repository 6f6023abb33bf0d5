/* peer.c - see peer.h. */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "host.h"
#include "peer.h"

struct peer {
    pid_t pid;
    FILE *to, *from;
    char version[200], answer[400];
};

peer *peer_start(const char *command) {
    int to[2], from[2];
    if (!command || !*command || pipe(to) != 0 || pipe(from) != 0) return NULL;
    peer *p = calloc(1, sizeof *p);
    if (!p) host_fail("out of memory");
    signal(SIGPIPE, SIG_IGN); /* a peer that ended shows in its answers */
    /* Our ends must not live on in the next peer, or this one never reads its end. */
    fcntl(to[1], F_SETFD, FD_CLOEXEC);
    fcntl(from[0], F_SETFD, FD_CLOEXEC);
    fflush(stdout);
    p->pid = fork();
    if (p->pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[0]);
        close(from[1]);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    p->to = fdopen(to[1], "w");
    p->from = fdopen(from[0], "r");
    const char *version = p->pid > 0 && p->to && p->from ? peer_ask(p, "version")
                                                         : "error";
    if (strncmp(version, "error", 5) == 0) {
        peer_stop(p);
        return NULL;
    }
    snprintf(p->version, sizeof p->version, "%.199s", version);
    return p;
}

void peer_stop(peer *p) {
    if (!p) return;
    if (p->to) fclose(p->to);
    if (p->from) fclose(p->from);
    if (p->pid > 0) waitpid(p->pid, NULL, 0);
    free(p);
}

const char *peer_version(const peer *p) { return p->version; }

const char *peer_ask(peer *p, const char *format, ...) {
    if (!p) return "error: no such peer";
    va_list list;
    va_start(list, format);
    vfprintf(p->to, format, list);
    va_end(list);
    fputc('\n', p->to);
    fflush(p->to);
    if (!fgets(p->answer, sizeof p->answer, p->from)) return "error: it has ended";
    p->answer[strcspn(p->answer, "\n")] = '\0';
    return p->answer;
}

double peer_rate(peer *p, const char *what, const char *name, int batch, int threads,
                 double seconds) {
    if (!p) return 0;
    double cpu = 0, wall = 0;
    const char *answer =
        peer_ask(p, "%s %s %d %d %g", what, name, batch, threads, seconds);
    const int n = sscanf(answer, "%lf %lf", &cpu, &wall);
    host_rest();
    return n != 2 ? 0 : threads == 1 ? cpu : wall;
}
