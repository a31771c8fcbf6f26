/* Writes down, in one order for all threads, what a process does to the files below a folder and
 * what it sends by sockets. Preloaded; XUNHE_RECORD_FOLDER names the folder, XUNHE_RECORD_LOG the
 * log. After xunhe_fail(nth, error, times) the nth call that would change or sync such a file fails
 * with that errno, as do the times - 1 after it; xunhe_calls() says how many there were.
 *
 * A record: kind (1 byte), file (4), offset (8), size (8), then `size` bytes. Little-endian.
 *   O a file gets a number: data is its path      T truncated to the offset
 *   W written at the offset                       S synced (returned without an error)
 *   U unlinked: data is the path                  D a folder synced: data is its path
 *   N sent by a socket
 * Writes, truncations, unlinks and messages are taken down before they are done, syncs after: a
 * crash between the two is one that the log shows. Memory maps are not seen: SQLite's index of its
 * log is one, and it is made anew after a crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 65536
#define REAL(name) ((__typeof__(&name))real(#name))

static pthread_mutex_t order = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int log_fd = -1;
static const char *folder;
static long fail_at, fail_times, fail_errno, calls;
static uint32_t files[FDS]; /* of a descriptor: 0 is none of ours */
static char *folders[FDS];  /* path of a descriptor that is a folder */
static uint32_t last_file;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

void xunhe_fail(long nth, long error, long times) {
    fail_at = nth;
    fail_errno = error;
    fail_times = times;
    calls = 0;
}

long xunhe_calls(void) { return calls; }

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("XUNHE_RECORD_LOG");
    folder = getenv("XUNHE_RECORD_FOLDER");
    if (path)
        log_fd = REAL(open)(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
}

static void note(char kind, uint32_t file, uint64_t offset, const void *data, uint64_t size) {
    char head[21];
    if (log_fd < 0)
        return;
    head[0] = kind;
    memcpy(head + 1, &file, 4);
    memcpy(head + 5, &offset, 8);
    memcpy(head + 13, &size, 8);
    struct iovec parts[2] = {{head, sizeof head}, {(void *)data, size}};
    if (REAL(writev)(log_fd, parts, 2) != (ssize_t)(sizeof head + size))
        abort(); /* a log with a hole would tell lies */
}

/* Is this call one of those that fail? Only those on our files count. */
static int fails(void) {
    if (!fail_at)
        return 0;
    long nth = ++calls;
    if (nth < fail_at || nth >= fail_at + fail_times)
        return 0;
    errno = fail_errno;
    return 1;
}

static int is_ours(const char *path) {
    return folder && path && strncmp(path, folder, strlen(folder)) == 0 && !strstr(path, "-shm");
}

static uint32_t file_of(int fd) { return fd >= 0 && fd < FDS ? files[fd] : 0; }

static void opened(int fd, const char *path) {
    struct stat status;
    if (fd < 0 || fd >= FDS)
        return;
    files[fd] = 0;
    free(folders[fd]);
    folders[fd] = NULL;
    if (!is_ours(path))
        return;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        folders[fd] = strdup(path);
        return;
    }
    files[fd] = ++last_file;
    note('O', last_file, 0, path, strlen(path));
}

#define LOCKED(result, call)                                                                       \
    pthread_mutex_lock(&order);                                                                    \
    result = call;                                                                                 \
    { int kept = errno;

#define UNLOCKED                                                                                   \
    pthread_mutex_unlock(&order);                                                                  \
    errno = kept; }

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...) {                                                   \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = va_arg(rest, mode_t);                                                        \
        va_end(rest);                                                                              \
        int fd;                                                                                    \
        LOCKED(fd, is_ours(path) && (flags & O_CREAT) && fails() ? -1                              \
                   : REAL(name)(path, flags, mode))                                                \
        opened(fd, path);                                                                          \
        UNLOCKED                                                                                   \
        return fd;                                                                                 \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    int result;
    LOCKED(result, REAL(close)(fd))
    if (fd >= 0 && fd < FDS) {
        files[fd] = 0;
        free(folders[fd]);
        folders[fd] = NULL;
    }
    UNLOCKED
    return result;
}

static ssize_t written(int fd, const void *data, size_t size, off64_t offset, int is_at) {
    ssize_t result;
    uint32_t file = file_of(fd);
    if (!file)
        return is_at ? REAL(pwrite64)(fd, data, size, offset) : REAL(write)(fd, data, size);
    LOCKED(result, fails() ? -1 : 0)
    if (result == 0) {
        off64_t at = is_at ? offset : lseek64(fd, 0, SEEK_CUR);
        note('W', file, at, data, size);
        result = is_at ? REAL(pwrite64)(fd, data, size, offset) : REAL(write)(fd, data, size);
        kept = errno;
    }
    UNLOCKED
    return result;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    return written(fd, data, size, offset, 1);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    return written(fd, data, size, offset, 1);
}
ssize_t write(int fd, const void *data, size_t size) { return written(fd, data, size, 0, 0); }

#define TRUNCATE(name, type)                                                                       \
    int name(int fd, type size) {                                                                  \
        int result;                                                                                \
        uint32_t file = file_of(fd);                                                               \
        LOCKED(result, file && fails() ? -1 : 0)                                                   \
        if (result == 0) {                                                                         \
            if (file)                                                                              \
                note('T', file, size, NULL, 0);                                                    \
            result = REAL(name)(fd, size);                                                         \
            kept = errno;                                                                          \
        }                                                                                          \
        UNLOCKED                                                                                   \
        return result;                                                                             \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(name)                                                                                 \
    int name(int fd) {                                                                             \
        int result;                                                                                \
        uint32_t file = file_of(fd);                                                               \
        const char *path = fd >= 0 && fd < FDS ? folders[fd] : NULL;                               \
        if (!file && !path)                                                                        \
            return REAL(name)(fd);                                                                 \
        LOCKED(result, fails() ? -1 : REAL(name)(fd))                                              \
        if (result == 0 && file)                                                                   \
            note('S', file, 0, NULL, 0);                                                           \
        else if (result == 0)                                                                      \
            note('D', 0, 0, path, strlen(path));                                                   \
        UNLOCKED                                                                                   \
        return result;                                                                             \
    }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
    int result;
    LOCKED(result, is_ours(path) && fails() ? -1 : 0)
    if (result == 0) {
        if (is_ours(path))
            note('U', 0, 0, path, strlen(path));
        result = REAL(unlink)(path);
        kept = errno;
    }
    UNLOCKED
    return result;
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
    ssize_t result;
    if (log_fd < 0)
        return REAL(send)(fd, data, size, flags);
    LOCKED(result, 0)
    note('N', fd, 0, data, size);
    result = REAL(send)(fd, data, size, flags);
    kept = errno;
    UNLOCKED
    return result;
}
