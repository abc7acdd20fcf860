/* The models that the tests of the format read: those inside the golden archives, and those that tools/get_models brought. */
#ifndef TESTS_UNIT_MODEL_FILES_H
#define TESTS_UNIT_MODEL_FILES_H

#include <stddef.h>
#include <stdint.h>

/* `bytes` is aligned to 64 and borrowed for the call. */
typedef void (*model_visitor)(void *user, const char *name, const uint8_t *bytes, size_t size);

/* Visits every `step`-th model of the archives in tests/goldens; returns the number visited. */
int visit_golden_models(int step, model_visitor visit, void *user);
/* Visits every .tflite file of the cache folder of tools/get_models, if there is one, and the demo model. */
int visit_model_files(model_visitor visit, void *user);

#endif
