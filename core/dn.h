/* dn.h - small convolutional networks for images: train, store, predict.
 *
 * This header is all of core/ that the rest of digitnet sees. Core knows no SQL and no
 * files: pixels and labels come in as arrays, a trained model goes out as bytes.
 *
 *     dn_options o;
 *     dn_options_default(&o, "24C5v-MP2-32C3v-MP2-256N", error, sizeof error);
 *     o.shape = (dn_shape){28, 28, 1};
 *     dn_trainer *t;
 *     dn_trainer_new(&t, &o, labels, 10, 60000, mean, std, NULL, error, sizeof error);
 *     dn_threads *threads = dn_threads_start(2);
 *     for (int e = 1; e <= o.epochs; e++) {
 *         dn_shuffle(order, 60000, o.seed, e);
 *         … gather a batch …
 *         dn_trainer_step(t, threads, batch_images, batch_classes, keys, 256, &metrics);
 *     }
 *     dn_trainer_model(t, 1, &bytes, &size);            // what is stored
 *     dn_threads_stop(threads);
 *
 *     dn_model *m;
 *     dn_model_decode(&m, bytes, size, NULL, error, sizeof error);
 *     dn_predict(m, scratch, &image, probabilities, NULL, NULL);
 *
 * Reproducible: the same images, options and seed give the same bytes, on any number of
 * threads, any instruction set and any processor. Every sum has one fixed order, and
 * whatever reaches a weight is built from +, -, ·, /, fma and sqrt alone.
 *
 * Status: functions that can fail return DN_OK, DN_ERROR (what was given is wrong) or
 * DN_NOMEM, and with DN_ERROR they fill the caller's error text with one sentence. Those
 * that are given a dn_watch may also return DN_STOPPED.
 * Threads: nothing here is global. A dn_model is immutable and may be shared; a
 * dn_trainer and a dn_scratch belong to one caller at a time. */
#ifndef DN_H
#define DN_H

#include <stddef.h>
#include <stdint.h>

enum { DN_OK = 0, DN_ERROR = 1, DN_NOMEM = 2, DN_STOPPED = 3 };

/* dn_watch - lets the caller stop long work in its middle: every few milliseconds the
 * calling thread asks stop(context). Once that has said other than 0 the function returns
 * DN_STOPPED, without a sentence and as after an error. NULL for a watch or for stop:
 * nobody asks. */
typedef struct dn_watch {
    int (*stop)(void *context);
    void *context;
} dn_watch;

/* --- the host ----------------------------------------------------------------------- */

/* Where memory comes from. Only the calling thread asks for it. */
typedef struct dn_heap {
    void *(*allocate)(void *context,
                      size_t size);          /* size is above 0; NULL: none is left */
    void (*release)(void *context, void *p); /* p is not NULL */
    void *context;
} dn_heap;

/* What one call may take, so that no network is too large for the host: a prediction,
 * which is checked when a model is decoded and before one is trained, and dn_saliency. */
typedef struct dn_limits {
    int64_t memory; /* bytes, of the model and of working memory; 0: DN_LIMIT_MEMORY */
    int64_t work;   /* multiply-adds (cost.c counts them); 0: DN_LIMIT_WORK */
    const char *advice; /* ends the sentence about a limit that is exceeded, or NULL */
} dn_limits;

#define DN_LIMIT_MEMORY ((int64_t)1 << 28) /* 256 MiB */
#define DN_LIMIT_WORK   ((int64_t)1 << 34) /* about a second on one core that has FMA */

/* What the host lends: where memory comes from, whether to go on, and how much may be
 * taken.
 * Zeros, or NULL for all of it, stand for malloc and free, for nobody who asks, and for
 * the limits above. Models and trainers keep a copy of their heap and their limits, and
 * give their memory back to it. */
typedef struct dn_host {
    dn_heap heap;
    dn_watch watch;
    dn_limits limits;
} dn_host;

/* --- images and labels ----------------------------------------------------------- */

/* Height, width, channels. Pixels lie row by row, channels innermost: [h][w][c]. */
typedef struct dn_shape {
    int h, w, c;
} dn_shape;

typedef enum dn_pixel_type {
    DN_UINT8,  /* 0..255, standing for k/255 */
    DN_FLOAT32 /* little-endian IEEE 754, 0..1, at any alignment */
} dn_pixel_type;

/* An image somewhere in the caller's memory. Its values are trusted: whoever takes them
 * from outside checks that floats are finite and in 0..1. */
typedef struct dn_image {
    const void *pixels; /* h·w·c values, the caller's, not changed */
    dn_pixel_type type;
} dn_image;

/* What a class is called: an integer or a text. */
typedef struct dn_label {
    const char *text; /* UTF-8, not terminated; NULL for an integer label */
    size_t text_size; /* in bytes */
    int64_t integer;  /* where text is NULL */
} dn_label;

/* Limits on what a network may be. They bound what hostile bytes can make us allocate. */
#define DN_MAX_SIDE       4096 /* height, width */
#define DN_MAX_CHANNELS   4096 /* of an image or a layer; units of a dense layer: */
#define DN_MAX_UNITS      65536
#define DN_MAX_CLASSES    65536
#define DN_MAX_LAYERS     512
#define DN_MAX_NOTATION   2048      /* bytes of a layer notation, as an option … */
#define DN_MAX_TEXT       65536     /* … and of that of a stored model */
#define DN_MAX_PARAMETERS (1 << 26) /* weights of one network: 256 MiB of float32 */
#define DN_MAX_TEACHERS   16

/* --- options ----------------------------------------------------------------------- */

/* How the learning rate goes over the steps of a run: t = (step + ½) / steps, w = warmup:
 *     onecycle  rises from 1/25 to 1 as a cosine until t = w, falls to 0 as a cosine
 *     cosine    rises from 0 to 1 in a line until t = w, falls to 0 as a cosine
 *     constant  rises from 0 to 1 in a line until t = w, then stays
 * (Smith and Topin 2017; Loshchilov and Hutter 2016.) */
typedef enum dn_schedule { DN_ONECYCLE, DN_COSINE, DN_CONSTANT } dn_schedule;

typedef enum dn_optimizer { DN_ADAMW, DN_SGD } dn_optimizer;

/* How a stored model keeps the weights of its layers: float16 (IEEE 754 half precision)
 * halves its size; biases and batch norm's numbers stay float32. int8 is a quarter, and
 * such a model is computed in integers: dn_quantise. */
typedef enum dn_precision { DN_KEEP_FLOAT32, DN_KEEP_FLOAT16, DN_KEEP_INT8 } dn_precision;

/* dn_precision_name - "float32", "float16" or "int8". */
const char *dn_precision_name(dn_precision precision);

/* How to train. What each field means, its range and its defaults stand in the table of
 * options.c, which dn_option_at reads. dn_options_default fills all of it but shape and
 * picture, which become 0. */
typedef struct dn_options {
    char layers[DN_MAX_NOTATION]; /* notation, or a preset's name */
    dn_shape shape;               /* of every image */
    int picture;                  /* kept in the model: see dn_model_info */
    int epochs;                   /* the length of the schedule */
    int batch;                    /* images a step */
    uint64_t seed;
    dn_optimizer optimizer;
    double rate;
    dn_schedule schedule; /* of the rate over all steps, above */
    double warmup;
    double momentum;
    double beta2;
    double weight_decay;
    double label_smoothing;
    double ema;
    double augment;
    double flip;
    double blank;
    double teacher_share;
    int teacher_checked;
    int teacher_mean;
    double teacher_temperature;
    dn_precision precision; /* of the model's stored weights */
} dn_options;

/* Presets are numbered from 1; 0 stands for any other notation. */
#define DN_PRESETS 9

/* DN_SAME - the value of a row, below, whose default all presets share. */
#define DN_SAME(x) x, x, x, x, x, x, x, x, x
_Static_assert(sizeof((char[]){DN_SAME(0)}) == DN_PRESETS, "a value for each preset");

/* What an option's field is. */
typedef enum dn_option_type {
    DN_NOTATION,    /* char[DN_MAX_NOTATION]; see dn_options_default */
    DN_INTEGER,     /* int */
    DN_INTEGER64,   /* uint64_t: any integer, the sign in its highest bit */
    DN_REAL,        /* double */
    DN_WORD,        /* an enum: the place among words */
    DN_OPTION_TYPES /* the first free number, for types of the caller's */
} dn_option_type;

enum {
    DN_OPEN = 1,        /* the least number itself is out of range */
    DN_RESUMABLE = 2,   /* may be another when a training is resumed */
    DN_SHARED = 4,      /* not tuned: the same in all trainings that are compared */
    DN_OPTION_FLAGS = 8 /* the first free bit, for flags of the caller's */
};

/* One option: its row of the table. Whoever reads options from outside, prints them or
 * explains them goes over the rows, so that a new option is one field and one row. */
typedef struct dn_option {
    const char *name;
    int type;                 /* dn_option_type */
    size_t offset;            /* of its field in dn_options */
    double least, most;       /* range of DN_INTEGER and DN_REAL */
    int flags;                /* see above */
    double value[DN_PRESETS]; /* default of each preset; of a word, its place */
    const char *const *words; /* of DN_WORD, NULL after the last */
    const char *meaning;      /* for users: a phrase without a full stop */
} dn_option;

/* dn_option_at - row i of the table, from 0; NULL past the last. */
const dn_option *dn_option_at(int i);

/* dn_option_default - puts a preset's default into the field. options points to
 * dn_options, or to the caller's own struct, where the row is the caller's. */
void dn_option_default(void *options, const dn_option *option, int preset);

/* dn_preset_name, dn_preset_layers - "cnn" and its notation; NULL for 0 and past the
 * last. */
const char *dn_preset_name(int preset);
const char *dn_preset_layers(int preset);

/* dn_word_find - the place of a word, in any case of its letters, among words; or -1. */
int dn_word_find(const char *const *words, const char *word);

/* dn_options_default - the defaults for a notation or preset.
 *
 * layers is a preset's name (any case) or a notation. For a preset, o->layers becomes its
 * notation.
 * Returns DN_ERROR if the text is longer than DN_MAX_NOTATION; a notation's grammar is
 * checked when a trainer is made. o->shape is left zero. */
int dn_options_default(dn_options *o, const char *layers, char *error, size_t error_size);

/* dn_options_check - every number in its range, else DN_ERROR and a sentence like
 * "rate is -1; expected above 0, up to 100". Does not look at layers or shape. */
int dn_options_check(const dn_options *o, char *error, size_t error_size);

/* --- threads ------------------------------------------------------------------------ */

/* A few threads that work for one caller. Start them on entry and stop them before
 * returning to the host: they are cheap (some 50 µs) and nothing of ours may live on
 * between calls. NULL stands for "the calling thread alone" everywhere. */
typedef struct dn_threads dn_threads;

/* dn_threads_start - n threads, the calling one counted. May give fewer, and NULL if
 * there is no memory: the result of the work is the same. Signals are blocked in them. */
dn_threads *dn_threads_start(int n);
void dn_threads_stop(dn_threads *threads);

/* dn_threads_watch - lets the caller stop long work in its middle: between two pieces of
 * it (16 images, or a part of them; some milliseconds) the calling thread asks
 * stop(context). Once that has said other than 0 all further work of the team is left
 * out, and functions that use it return at once with results of no meaning: look at
 * dn_threads_stopped, and free what was worked on, trainers among them. NULL threads
 * cannot be watched. */
void dn_threads_watch(dn_threads *threads, int (*stop)(void *context), void *context);
int dn_threads_stopped(const dn_threads *threads); /* 0 for NULL */

/* dn_threads_available - processors this process may run on, 1 or more. */
int dn_threads_available(void);

/* dn_isa_name - "avx512", "avx2", "vfpv4" or "portable": the instruction set that models
 * and trainers made now will use. The environment variable DIGITNET_ISA can ask for a
 * lesser one; anything the processor lacks is ignored. */
const char *dn_isa_name(void);

/* --- training ----------------------------------------------------------------------- */

typedef struct dn_trainer dn_trainer;

/* A trained network, ready to predict: batch norm folded, weights packed. */
typedef struct dn_model dn_model;

/* What one or more steps saw, added up. Start from zeros. */
typedef struct dn_metrics {
    double loss;     /* sum over images of the cross-entropy */
    int64_t correct; /* images whose most probable class was right */
    int64_t images;
} dn_metrics;

/* dn_trainer_new - a network with fresh weights (He initialisation from the seed), its
 * optimizer, and all the memory its steps will need.
 *
 *   labels    [classes] names, copied; classes is 2..DN_MAX_CLASSES
 *   n         images that one epoch trains on: the schedule is epochs · ⌈n / batch⌉
 *             steps long
 *   mean, std of the training pixels: inputs become (x − mean) / std, and the model
 *             carries the two. std > 0.
 *
 * Where the host watches, its watch outlives the trainer: this function,
 * dn_trainer_model, dn_trainer_state and dn_trainer_resume ask it, and return DN_STOPPED.
 * A trainer whose resuming was stopped is good for nothing but to be freed.
 *
 * DN_ERROR for a notation that cannot be parsed or does not fit the shape ("layers: …")
 * and for options out of range; and in a thread that does not round floats to nearest,
 * for the bits would be others. Free with dn_trainer_free, which takes NULL too. */
int dn_trainer_new(dn_trainer **out, const dn_options *options, const dn_label *labels,
                   int classes, int64_t n, float mean, float std, const dn_host *host,
                   char *error, size_t error_size);
void dn_trainer_free(dn_trainer *trainer);

/* dn_trainer_teach - distillation (Hinton, Vinyals and Dean, 2015): from now on each
 * step's loss is in part the distance from a teacher, a model that sees the same
 * distorted images. Step s uses teacher s mod n: their mean on average, at the cost of
 * one. With teacher_mean it uses the mean of the probabilities of all, at the
 * distillation temperature. With teacher_checked, a teacher that is wrong of an image
 * does not count in it, any other as much as its probability of the true class.
 *
 *   teachers  [n], 1..DN_MAX_TEACHERS, not copied: they outlive the trainer
 *
 * DN_ERROR unless each has the network's image shape and its classes in the same order;
 * or DN_NOMEM. */
int dn_trainer_teach(dn_trainer *trainer, const dn_model *const *teachers, int n,
                     char *error, size_t error_size);

/* dn_trainer_start - a fresh trainer begins from the weights of model bytes in place of
 * its own, and sees images standardised as that model does: before the first step it says
 * what that model says (its temperature is a part of the stored output layer). The
 * optimizer stays fresh. If the classes are not the same in the same order, the output
 * layer stays fresh too.
 *
 * DN_ERROR unless layers and image shape are the same (OUT goes on from OUTs, too), or if
 * the bytes are damaged; DN_NOMEM or DN_STOPPED. The trainer is then unchanged. */
int dn_trainer_start(dn_trainer *trainer, const void *bytes, size_t size, char *error,
                     size_t error_size);

/* dn_trainer_step - one step of the optimizer on one batch. Allocates nothing.
 *
 *   images, classes   [n], 1 ≤ n ≤ options.batch, and no more than an epoch has; classes
 *                     in 0..classes-1
 *   keys              [n] a number that tells each image from the others in this epoch
 *                     (its place in the set): with the seed and the step it fixes how the
 *                     image is distorted
 *   metrics           added to: the loss and hits of this batch before the step
 *
 * Cannot fail; a loss that is no longer finite shows in metrics. */
void dn_trainer_step(dn_trainer *trainer, dn_threads *threads, const dn_image *images,
                     const int32_t *classes, const uint32_t *keys, int n,
                     dn_metrics *metrics);

/* dn_trainer_epochs - from now on the schedule is this many epochs long, as if
 * options.epochs had been so. */
void dn_trainer_epochs(dn_trainer *trainer, int epochs);

/* dn_trainer_rate - the learning rate of the step that comes next. */
double dn_trainer_rate(const dn_trainer *trainer);

/* dn_trainer_steps - steps done so far. */
int64_t dn_trainer_steps(const dn_trainer *trainer);

/* dn_trainer_notation - the parsed notation in canonical form; lives with the trainer. */
const char *dn_trainer_notation(const dn_trainer *trainer);

/* dn_trainer_model - the network as it is now (the averaged weights where ema is on) as
 * model bytes, released to the trainer's heap by the caller. Its probabilities will be
 * softmax(logits / temperature):
 * the output layer's numbers are divided by it, which changes no label. 1 leaves them as
 * they are. Where the precision is int8, they are in float32: dn_quantise is the caller's
 * to call. DN_OK or DN_NOMEM. */
int dn_trainer_model(const dn_trainer *trainer, double temperature, void **bytes,
                     size_t *size);

/* dn_trainer_finite - DN_OK, or DN_ERROR, without a sentence, if training has diverged: a
 * number of the network or its optimizer is not finite, or would not be in the model at
 * this temperature, batch norm folded. DN_STOPPED as the trainer's watch says. */
int dn_trainer_finite(const dn_trainer *trainer, double temperature);

/* dn_trainer_state - all that dn_trainer_resume needs to go on as if it had not stopped:
 * weights, moments, averages, step. The caller releases them to the trainer's heap. DN_OK
 * or DN_NOMEM. */
int dn_trainer_state(const dn_trainer *trainer, void **bytes, size_t *size);

/* dn_trainer_resume - puts a fresh trainer, made with the same options, where another one
 * stood when its state was taken. DN_ERROR if the bytes are damaged, of another network
 * or of a training that had diverged; the trainer is then unchanged. */
int dn_trainer_resume(dn_trainer *trainer, const void *bytes, size_t size, char *error,
                      size_t error_size);

/* dn_shuffle - the order of an epoch: a permutation of 0..n-1 that depends on seed and
 * epoch alone. n < 2^32. */
void dn_shuffle(uint32_t *order, uint32_t n, uint64_t seed, uint64_t epoch);

/* --- models ------------------------------------------------------------------------- */

typedef struct dn_model_info {
    const char *layers;     /* canonical notation */
    dn_shape shape;         /* of an image */
    int classes;            /* number of outputs */
    const dn_label *labels; /* [classes] */
    int embedding;          /* values in an embedding: inputs of the output layer */
    int64_t parameters;     /* trained numbers: weights, biases, batch norm's two */
    uint64_t memory;        /* bytes that it and one prediction take: cost.h */
    uint64_t work;          /* multiply-adds of one prediction, as cost.h counts them */
    float mean, std; /* of the pixels it was trained on, 0..1: see dn_trainer_new */
    int picture;     /* 0..255, the host's: how it makes images of pictures */
    dn_precision precision; /* of its stored weights */
} dn_model_info;

/* Model bytes hold a checksum of themselves, DN_MODEL_CHECKSUM bytes at this place: those
 * of one size and one checksum are the same model, so a cache need not read the rest to
 * know. */
#define DN_MODEL_CHECKSUM    8
#define DN_MODEL_CHECKSUM_AT 8

/* dn_model_decode - reads model bytes (the format is drawn atop model.c). They are
 * hostile until proven otherwise: lengths, ranges and the checksum are checked, and any
 * change of any byte is an error. The bytes are not kept. */
int dn_model_decode(dn_model **out, const void *bytes, size_t size, const dn_host *host,
                    char *error, size_t error_size);
void dn_model_free(dn_model *model);

/* dn_model_get_info - what the model is; the pointers live as long as the model. */
void dn_model_get_info(const dn_model *model, dn_model_info *info);

/* Working memory of one prediction at a time. */
typedef struct dn_scratch dn_scratch;
dn_scratch *dn_scratch_new(const dn_model *model); /* NULL: out of memory */
void dn_scratch_free(dn_scratch *scratch);

/* dn_predict - class probabilities of one image.
 *
 *   probabilities  [classes] written: softmax, each ≥ 0, sum 1 up to rounding
 *   embedding      [info.embedding] written, or NULL: the last hidden layer
 *
 *   watch          asked in the middle of it, or NULL
 *
 * Same bits as dn_predict_batch. DN_OK, or DN_STOPPED: then the results have no
 * meaning. */
int dn_predict(const dn_model *model, dn_scratch *scratch, const dn_image *image,
               float *probabilities, float *embedding, const dn_watch *watch);

/* dn_predict_batch - the same for n images on several threads: on as many as have working
 * memory within the limit that the model was decoded with, and at least one.
 *
 *   probabilities  [n][classes] written
 *
 * DN_OK or DN_NOMEM. */
int dn_predict_batch(const dn_model *model, dn_threads *threads, const dn_image *images,
                     int64_t n, float *probabilities);

/* dn_predict_worth - images that a thread should have in a batch, if that is not too
 * slow. So many read a layer's weights together, which matters where these are too many
 * for the second cache. Else 1. */
int dn_predict_worth(const dn_model *model);

/* dn_predict_batch_beside - the same, while the calling thread first does something else,
 * such as reading the images that come next; once, whatever the result. */
int dn_predict_batch_beside(const dn_model *model, dn_threads *threads,
                            const dn_image *images, int64_t n, float *probabilities,
                            void (*aside)(void *), void *context);

/* dn_saliency - how much each pixel speaks for a class: about what log p[class] would
 * lose without it. Negative where it speaks against it (saliency.c says how it is
 * computed).
 *
 *   saliency  [h][w][c] written; 0 where the pixel is 0
 *
 *   watch     asked in the middle of it, or NULL
 *
 * The same bits on every machine. DN_OK; DN_STOPPED; DN_NOMEM (it allocates working
 * memory); or DN_ERROR and a sentence if it would exceed the limits that the model was
 * decoded with. */
int dn_saliency(const dn_model *model, const dn_image *image, int class, float *saliency,
                const dn_watch *watch, char *error, size_t error_size);

/* dn_quantise - a model in 8 bits: model bytes of a quarter of the size, whose
 * convolutions and fully connected layers are computed in integers (int8.h), which is up
 * to three times as fast; the same bits on every machine. A few images in ten thousand
 * get another label. A unit that is much larger or smaller than the others of its layer
 * is multiplied by a power of two (equalise.h), in an embedding too.
 *
 *   model   bytes in float32 or float16
 *   images  [n], n ≥ 1: some of those it was trained on, of all classes, by which it is
 *           measured how large the values between the layers are. A thousand are enough
 *   bytes   the caller releases them to the host's heap; they have been decoded once, so
 *           that nobody stores what cannot be read
 *
 * Two decoded models are in memory at once, which the host's limit counts.
 *
 * DN_OK; DN_ERROR (the bytes are no model's, or in int8 already; a weight is larger than
 * 8 bits and a scale hold, 127 · 10³⁰; or a limit); DN_NOMEM; or DN_STOPPED. */
int dn_quantise(void **bytes, size_t *size, const void *model, size_t model_size,
                const dn_image *images, int64_t n, const dn_host *host, char *error,
                size_t error_size);

/* dn_score - adds the loss and hits of n predictions to metrics.
 *
 *   probabilities  [n][classes]; truth [n], 0..classes-1 */
void dn_score(const float *probabilities, int classes, const int32_t *truth, int64_t n,
              dn_metrics *metrics);

/* dn_calibrate - the temperature that makes n predictions most likely, by which logits
 * are to be divided (Guo et al., "On calibration of modern neural networks", 2017), kept
 * in 0.2..10.
 *
 *   probabilities  [n][classes]; truth [n]; n ≥ 1 */
double dn_calibrate(dn_threads *threads, const float *probabilities, int classes,
                    const int32_t *truth, int64_t n);

/* dn_soften - n predictions as they would be at a temperature: p^(1/T), scaled to the sum
 * 1.
 *
 *   probabilities  [n][classes], changed */
void dn_soften(dn_threads *threads, float *probabilities, int classes, int64_t n,
               double temperature);

/* dn_argmax - the place of the largest value, the first of equals. n ≥ 1. */
int dn_argmax(const float *values, int n);

/* --- C ------------------------------------------------------------------------------ */

/* What a file of C says of a model besides its numbers. */
typedef struct dn_c_words {
    const char *name;    /* what its two names begin with: letters, digits and '_' */
    const char *model;   /* the model's name, any text */
    const char *version; /* ours */
} dn_c_words;

/* dn_c_export - model bytes as one file of C99 that needs no library and allocates
 * nothing, a text that ends with a zero, which the caller releases to the host's heap:
 *
 *     int NAME_predict(const unsigned char *pixels, float *probabilities);
 *     extern const char *const NAME_labels[];
 *
 * Its sums are not in our order and have no fused multiply-adds, so probabilities differ
 * from dn_predict's in the last digits of a float. DN_OK; DN_ERROR (the bytes are no
 * model's, or the text would exceed the host's limits); DN_NOMEM or DN_STOPPED. */
int dn_c_export(char **text, size_t *text_size, const void *bytes, size_t size,
                const dn_c_words *words, const dn_host *host, char *error,
                size_t error_size);

/* --- ONNX --------------------------------------------------------------------------- */

/* What an ONNX file says of a model besides its numbers. */
typedef struct dn_onnx_words {
    const char *name;    /* the model's */
    const char *version; /* ours */
    const char *classes; /* labels as a JSON array: metadata_props 'classes' */
} dn_onnx_words;

/* dn_onnx_export - model bytes as an ONNX file (operator set 13, or 10), which the caller
 * releases to the host's heap.
 *
 *   input   'pixels' float [N, C, H, W], each in 0..1: standardising them is a part of it
 *   output  'probabilities' float [N, classes]: as dn_predict's, temperature and all
 *
 * DN_OK, DN_ERROR (the bytes are no model's), DN_NOMEM or DN_STOPPED. */
int dn_onnx_export(void **onnx, size_t *onnx_size, const void *bytes, size_t size,
                   const dn_onnx_words *words, const dn_host *host, char *error,
                   size_t error_size);

/* An ONNX file that was read: a network that our notation can say, and its numbers. */
typedef struct dn_onnx dn_onnx;

/* What the file itself does not tell. */
typedef struct dn_onnx_given {
    dn_shape
        shape; /* of an image; h = 0: as the file's input has it, square if it is flat */
    double mean, std; /* the network is made for (x − mean) / std, x in 0..1; std is not
                         0 */
    int said; /* whether anyone said so: if not, and they are 0 and 1, a file whose input
                 is of uint8, or that scales 0..255 itself, gets 0..255 */
    const double *means, *stds; /* [channels], in place of the two; NULL: they hold */
    int channels;
    const char *output; /* which of the file's outputs; NULL: the first */
    const void *data;   /* the file of tensors beside it; NULL: none */
    size_t data_size;
} dn_onnx_given;

/* What may be wrong with what a network gets of pixels. */
typedef enum dn_onnx_doubt {
    DN_ONNX_SURE,
    DN_ONNX_UNSAID,   /* neither the file nor the caller says it: they go in as 0..1 */
    DN_ONNX_BY_VALUE, /* the caller does not, and the file scales each value by itself */
    DN_ONNX_ALIKE     /* mean and std, which the caller says, and what the file does leave
                         nothing of 0..1: all images look alike */
} dn_onnx_doubt;

typedef struct dn_onnx_info {
    const char *layers; /* canonical notation */
    dn_shape shape;
    int classes;
    const char *labels; /* metadata_props 'classes', not terminated; NULL: none */
    size_t labels_size;
    double std;           /* as given, or 1/255 where nobody said it and the file's input
                             is 0..255 */
    dn_onnx_doubt doubt;  /* about what is done to pixels */
    const char *producer; /* "pytorch 1.13.0", printable ASCII; may be "" */
    int64_t opset;        /* version of the operators */
} dn_onnx_info;

/* dn_onnx_read - reads a file, which is hostile until proven otherwise. The bytes are not
 * kept. DN_OK; DN_NOMEM; DN_STOPPED; or DN_ERROR and a sentence that names the operator,
 * its node and why the notation cannot say it. Free with dn_onnx_free, which takes NULL
 * too. */
int dn_onnx_read(dn_onnx **out, const void *bytes, size_t size,
                 const dn_onnx_given *given, const dn_host *host, char *error,
                 size_t error_size);
void dn_onnx_free(dn_onnx *onnx);

/* A part of an ONNX file, as dn_onnx_inspect tells of it. Texts are printable ASCII and
 * live during the call. */
typedef struct dn_onnx_part {
    const char *part;  /* "file", "input", "output", "data", "operator", "pixels"
                         or "network" */
    const char *name;  /* its producer, its own name, or the operator; may be "" */
    int64_t count;     /* nodes of the operator, tensors of the data; -1 for others */
    const char *shape; /* "[N, 1, 28, 28]"; NULL for others */
    const char *type;  /* "float32"; NULL for others */
    int supported;     /* 1, 0; -1 where that does not apply */
    const char *note;  /* what is wrong, or of the network its layers; NULL: nothing */
} dn_onnx_part;

/* dn_onnx_inspect - tells what is in a file, part by part, without making a model of it:
 * tell returns DN_OK to go on. The part "network" is the last: whether dn_onnx_read would
 * read it. DN_OK, what tell returned otherwise, or as dn_onnx_read. */
int dn_onnx_inspect(const void *bytes, size_t size, const dn_onnx_given *given,
                    const dn_host *host,
                    int (*tell)(void *context, const dn_onnx_part *part), void *context,
                    char *error, size_t error_size);

/* dn_onnx_get_info - what it is; the pointers live as long as onnx. */
void dn_onnx_get_info(const dn_onnx *onnx, dn_onnx_info *info);

/* dn_onnx_picture - what its model is to say of pictures: dn_model_info's; 0 at first. */
void dn_onnx_picture(dn_onnx *onnx, int picture);

/* dn_onnx_model - its model bytes in float32, which the caller releases to the heap that
 * it was read into. labels [classes] name the outputs; watch may be NULL. DN_OK, DN_NOMEM
 * or DN_STOPPED. */
int dn_onnx_model(const dn_onnx *onnx, const dn_label *labels, const dn_watch *watch,
                  void **bytes, size_t *size);

#endif
