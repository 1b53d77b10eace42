/* Sound devices for tests: an ALSA plugin that hears a file of raw 16-bit mono samples at the pace of a device, and
 * writes into one what it plays.
 *
 * pcm.NAME { type vmic; file "/x.raw"; rate 16000; unplugged "/path"; busy "/path"; xrun 1; }
 *
 * The file begins anew with each stream; behind its end zeros are heard. While the file `unplugged` exists the device
 * is gone (ENODEV). While the file `busy` exists a process may open the device once, to look at it, and no second time
 * (EBUSY). With `xrun` a reader that comes too late is told so (EPIPE); without, the device waits for it.
 */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

typedef unsigned long long u64;

typedef struct {
    snd_pcm_ioplug_t io;
    int timer, source, running;
    long rate, xrun;
    char *unplugged;
    u64 begun_ns;
} microphone;

static u64 now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int exists(const char *path) { return path && access(path, F_OK) == 0; }

static u64 frames_heard(microphone *mic) {
    return mic->running ? (u64)((now_ns() - mic->begun_ns) * (double)mic->rate / 1e9) : 0;
}

static int set_timer(microphone *mic, long ns) {
    struct itimerspec every = {{0, ns}, {0, ns}};
    return timerfd_settime(mic->timer, 0, &every, NULL) < 0 ? -errno : 0;
}

static int mic_start(snd_pcm_ioplug_t *io) {
    microphone *mic = io->private_data;
    if (exists(mic->unplugged)) return -ENODEV;
    mic->running = 1;
    mic->begun_ns = now_ns();
    long ns = io->period_size * 1000000000ll / mic->rate;
    return set_timer(mic, ns < 1000000 ? 1000000 : ns > 999999999 ? 999999999 : ns);
}

static int mic_stop(snd_pcm_ioplug_t *io) {
    microphone *mic = io->private_data;
    mic->running = 0;
    return set_timer(mic, 0);
}

static int mic_prepare(snd_pcm_ioplug_t *io) {
    microphone *mic = io->private_data;
    mic->running = 0;
    return exists(mic->unplugged) ? -ENODEV : 0;
}

static snd_pcm_sframes_t mic_pointer(snd_pcm_ioplug_t *io) {
    microphone *mic = io->private_data;
    if (exists(mic->unplugged)) return -ENODEV;
    if (!mic->running) return 0;
    u64 heard = frames_heard(mic);
    if (io->stream == SND_PCM_STREAM_PLAYBACK) { /* it waits for a writer that comes too late */
        if (heard > io->appl_ptr) {
            mic->begun_ns += (heard - io->appl_ptr) * 1e9 / mic->rate;
            heard = io->appl_ptr;
        }
        return heard % io->buffer_size;
    }
    if (heard - io->appl_ptr > io->buffer_size) {
        if (mic->xrun) return -EPIPE;
        mic->begun_ns += (heard - io->appl_ptr - io->buffer_size) * 1e9 / mic->rate;
        heard = io->appl_ptr + io->buffer_size - 1; /* a full ring would look like an empty one */
    }
    return heard % io->buffer_size;
}

static snd_pcm_sframes_t mic_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                      snd_pcm_uframes_t offset, snd_pcm_uframes_t frames) {
    microphone *mic = io->private_data;
    if (exists(mic->unplugged)) return -ENODEV;
    u64 first = io->appl_ptr; /* the place in the file follows the reader, so a second look gives the same samples */
    if (io->access == SND_PCM_ACCESS_MMAP_INTERLEAVED)
        first += (offset + io->buffer_size - io->appl_ptr % io->buffer_size) % io->buffer_size;
    char *to = (char *)areas->addr + (areas->first + areas->step * offset) / 8;
    size_t wanted = frames * 2, got = 0;
    if (io->stream == SND_PCM_STREAM_PLAYBACK)
        return pwrite(mic->source, to, wanted, first * 2) == (ssize_t)wanted ? (snd_pcm_sframes_t)frames : -EIO;
    while (got < wanted) {
        ssize_t part = pread(mic->source, to + got, wanted - got, first * 2 + got);
        if (part <= 0) break;
        got += part;
    }
    memset(to + got, 0, wanted - got);
    return frames;
}

static int mic_poll(snd_pcm_ioplug_t *io, struct pollfd *polled, unsigned count, unsigned short *events) {
    (void)polled;
    (void)count;
    microphone *mic = io->private_data;
    u64 expired;
    int tick = read(mic->timer, &expired, 8) == 8;
    *events = 0;
    if (exists(mic->unplugged)) *events = POLLERR | POLLHUP;
    else if (io->stream == SND_PCM_STREAM_PLAYBACK) {
        u64 played = frames_heard(mic);
        if (!mic->running || played + io->buffer_size >= io->appl_ptr + io->period_size) *events = POLLOUT;
    } else if (tick || frames_heard(mic) - io->appl_ptr >= io->period_size) *events = POLLIN;
    return 0;
}

static int mic_close(snd_pcm_ioplug_t *io) {
    microphone *mic = io->private_data;
    close(mic->timer);
    close(mic->source);
    free(mic->unplugged);
    free(mic);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = mic_start, .stop = mic_stop, .prepare = mic_prepare, .pointer = mic_pointer,
    .transfer = mic_transfer, .poll_revents = mic_poll, .close = mic_close,
};

SND_PCM_PLUGIN_DEFINE_FUNC(vmic) {
    static int opened;
    const char *file = NULL, *unplugged = NULL, *busy = NULL;
    long rate = 16000, xrun = 0;
    snd_config_iterator_t entry, next;
    (void)root;
    snd_config_for_each(entry, next, conf) {
        snd_config_t *option = snd_config_iterator_entry(entry);
        const char *id;
        if (snd_config_get_id(option, &id) < 0) continue;
        if (!strcmp(id, "file")) snd_config_get_string(option, &file);
        else if (!strcmp(id, "unplugged")) snd_config_get_string(option, &unplugged);
        else if (!strcmp(id, "busy")) snd_config_get_string(option, &busy);
        else if (!strcmp(id, "rate")) snd_config_get_integer(option, &rate);
        else if (!strcmp(id, "xrun")) snd_config_get_integer(option, &xrun);
    }
    int plays = stream == SND_PCM_STREAM_PLAYBACK;
    if (!file) return -EINVAL;
    if (exists(unplugged)) return -ENODEV;
    if (exists(busy) && opened++) return -EBUSY;
    microphone *mic = calloc(1, sizeof *mic);
    if (!mic) return -ENOMEM;
    mic->rate = rate;
    mic->xrun = xrun;
    mic->source = open(file, (plays ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY) | O_CLOEXEC, 0600);
    if (mic->source < 0) {
        free(mic);
        return -errno;
    }
    mic->unplugged = unplugged ? strdup(unplugged) : NULL;
    mic->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    mic->io.version = SND_PCM_IOPLUG_VERSION;
    mic->io.name = "virtual microphone";
    mic->io.callback = &callbacks;
    mic->io.private_data = mic;
    mic->io.poll_fd = mic->timer;
    mic->io.poll_events = POLLIN;
    int error = snd_pcm_ioplug_create(&mic->io, name, stream, mode);
    if (error < 0) {
        mic_close(&mic->io);
        return error;
    }
    static const unsigned access[] = {SND_PCM_ACCESS_MMAP_INTERLEAVED, SND_PCM_ACCESS_RW_INTERLEAVED};
    static const unsigned format[] = {SND_PCM_FORMAT_S16_LE};
    snd_pcm_ioplug_set_param_list(&mic->io, SND_PCM_IOPLUG_HW_ACCESS, 2, access);
    snd_pcm_ioplug_set_param_list(&mic->io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
    snd_pcm_ioplug_set_param_minmax(&mic->io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 1);
    snd_pcm_ioplug_set_param_minmax(&mic->io, SND_PCM_IOPLUG_HW_RATE, rate, rate);
    snd_pcm_ioplug_set_param_minmax(&mic->io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 1 << 16);
    snd_pcm_ioplug_set_param_minmax(&mic->io, SND_PCM_IOPLUG_HW_PERIODS, 2, 64);
    *pcmp = mic->io.pcm;
    return 0;
}
SND_PCM_PLUGIN_SYMBOL(vmic);
