/* test_memory.c - the host's heap: all of core's memory comes from it and goes back to
 * it, sizes do not wrap, and each allocation that fails is DN_NOMEM and leaves nothing
 * behind. */
#include "../../../core/dn.h"
#include "../../../core/memory.h"
#include "../check.h"

/* A heap that counts, and whose allocation number fail_at (from 1) fails. */
typedef struct counting {
    long made, held, fail_at;
} counting;

static void *counting_allocate(void *context, size_t size) {
    counting *c = context;
    CHECK(size > 0);
    if (++c->made == c->fail_at) return NULL;
    void *p = malloc(size);
    if (p) memset(p, 0xff, size); /* NaN: who relies on zeros is found out */
    c->held += p != NULL;
    return p;
}

static void counting_release(void *context, void *p) {
    counting *c = context;
    CHECK(p != NULL);
    c->held--;
    free(p);
}

static dn_host counting_host(counting *c) {
    return (dn_host){.heap = {counting_allocate, counting_release, c}};
}

static void test_sizes(void) {
    const dn_heap heap = dn_heap_of(NULL);
    static const uint64_t large[] = {UINT64_MAX,         UINT64_MAX / 4,
                                     UINT64_MAX / 8 + 1, SIZE_MAX / 4 + (uint64_t)1,
                                     SIZE_MAX / 8,       UINT64_MAX / 2};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        CHECK(dn_floats(&heap, large[i]) == NULL);
        CHECK(dn_new(&heap, large[i], 8) == NULL);
    }
    for (uint64_t n = 0; n < 70; n++) {
        float *p = dn_floats(&heap, n);
        CHECK(p && (uintptr_t)p % 64 == 0);
        for (uint64_t i = 0; i < n || i == 0; i++) CHECK(p[i] == 0);
        dn_floats_release(&heap, p);
    }
    char *bytes = dn_new(&heap, 0, 8);
    CHECK(bytes && !*bytes);
    dn_release(&heap, bytes);
    dn_release(&heap, NULL);
    dn_floats_release(&heap, NULL);
}

static const dn_label labels[3] = {{NULL, 0, 4}, {"three", 5, 0}, {"", 0, 0}};

static const uint8_t pixels[20][9 * 9];

/* use - all that core allocates for: DN_OK, or DN_NOMEM if one of them said so. */
static int use(const dn_host *host) {
    char error[256];
    void *bytes = NULL, *state = NULL, *onnx = NULL, *again = NULL;
    size_t size, state_size, onnx_size, again_size;
    dn_options o;
    dn_trainer *t = NULL;
    dn_model *m = NULL;
    dn_scratch *scratch = NULL;
    dn_onnx *net = NULL;
    dn_image images[20];
    int32_t classes[20];
    uint32_t keys[20];
    float p[20 * 3], saliency[9 * 9];
    dn_metrics metrics = {0};
    for (int i = 0; i < 20; i++) {
        images[i] = (dn_image){pixels[i], DN_UINT8};
        classes[i] = i % 3;
        keys[i] = (uint32_t)i;
    }
    CHECK(dn_options_default(&o, "9C3b-MP2-8C3-AP2-5Nb", error, sizeof error) == DN_OK);
    o.shape = (dn_shape){9, 9, 1};
    o.batch = 20;
    int rc = dn_trainer_new(&t, &o, labels, 3, 20, 0, 1, host, error, sizeof error);
    if (rc != DN_OK) return rc;
    dn_trainer_step(t, NULL, images, classes, keys, 20, &metrics);
    rc = dn_trainer_model(t, 1, &bytes, &size);
    if (rc == DN_OK) rc = dn_trainer_state(t, &state, &state_size);
    if (rc == DN_OK) rc = dn_trainer_resume(t, state, state_size, error, sizeof error);
    if (rc == DN_OK) rc = dn_trainer_start(t, bytes, size, error, sizeof error);
    if (rc == DN_OK) rc = dn_model_decode(&m, bytes, size, host, error, sizeof error);
    if (rc == DN_OK) {
        const dn_model *teachers[] = {m};
        rc = dn_trainer_teach(t, teachers, 1, error, sizeof error);
    }
    if (rc == DN_OK && !(scratch = dn_scratch_new(m))) rc = DN_NOMEM;
    if (rc == DN_OK) dn_predict(m, scratch, images, p, NULL, NULL);
    if (rc == DN_OK) rc = dn_predict_batch(m, NULL, images, 20, p);
    if (rc == DN_OK) rc = dn_saliency(m, images, 1, saliency, NULL, error, sizeof error);
    const dn_onnx_words words = {"m", "0", "[4,\"three\",\"\"]"};
    if (rc == DN_OK)
        rc = dn_onnx_export(&onnx, &onnx_size, bytes, size, &words, host, error,
                            sizeof error);
    const dn_onnx_given given = {.std = 1};
    if (rc == DN_OK)
        rc = dn_onnx_read(&net, onnx, onnx_size, &given, host, error, sizeof error);
    if (rc == DN_OK) rc = dn_onnx_model(net, labels, NULL, &again, &again_size);
    void *const given_away[] = {again, onnx, state, bytes};
    const dn_heap heap = dn_heap_of(host);
    for (int i = 0; i < 4; i++) dn_release(&heap, given_away[i]);
    dn_onnx_free(net);
    dn_scratch_free(scratch);
    dn_trainer_free(t);
    dn_model_free(m);
    return rc;
}

int main(void) {
    counting c = {0};
    const dn_host host = counting_host(&c);
    test_sizes();
    CHECK(use(NULL) == DN_OK);
    CHECK(use(&host) == DN_OK);
    CHECK(c.held == 0 && c.made > 100);
    const long all = c.made;
    for (long k = 1; k <= all; k++) {
        c = (counting){.fail_at = k};
        CHECK(use(&host) == DN_NOMEM);
        CHECK(c.held == 0);
    }
    return check_done("test_memory");
}
