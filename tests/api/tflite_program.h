/* The program that uses every function of TensorFlow Lite's C API. */
#ifndef TESTS_API_TFLITE_PROGRAM_H
#define TESTS_API_TFLITE_PROGRAM_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/c/c_api_opaque.h"
#include "tensorflow/lite/c/common.h"

/* Ends the program with the place when the condition does not hold. */
#define CHECK(condition)                                                                  \
    do {                                                                                  \
        if (!(condition)) {                                                               \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                      \
        }                                                                                 \
    } while (0)

/* A file of the folder that tflite_models wrote; static storage until the next call. */
const char *model_path(const char *name);
TfLiteModel *load_model(const char *name);

/* What the error reporter heard last, and how often. */
extern char reported[1024];
extern int report_count;
void report(void *user_data, const char *format, va_list args);
/* New options with this reporter. */
TfLiteInterpreterOptions *reporting_options(void);
/* An interpreter of a model of the folder, allocated. */
TfLiteInterpreter *open_model(const char *name, TfLiteInterpreterOptions *options);

void test_arrays(void);    /* tflite_structs.c */
void test_tensors(void);   /* tflite_structs.c */
void test_operators(void); /* tflite_custom.c */
void test_resolvers(void); /* tflite_custom.c */
void test_opaque(void);    /* tflite_custom.c */
void test_texts(void);     /* tflite_custom.c */

#endif
