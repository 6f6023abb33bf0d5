/* builtin.h - the model that comes with the library.
 *
 *     SELECT digit_predict(readfile('seven.png'));              -- 7: nothing trained yet
 *     SELECT layers, epochs FROM digitnet_builtin;         -- a row as in digitnet_models
 *     SELECT epoch, loss FROM digitnet_builtin_epochs;          -- its training log
 *     INSERT INTO digitnet_models SELECT * FROM digitnet_builtin;       -- one's own copy
 *
 * sql/builtin/model.sql made it: `make model` runs it and writes ext/model/builtin.model,
 * the model's bytes, and ext/model/builtin.json, its row and its log. The build puts both
 * into the library. */
#ifndef EXT_BUILTIN_H
#define EXT_BUILTIN_H

#include "../base/ext.h"

/* ext_builtin_weights - the model's bytes, static, *size of them: 0 in a library that was
 * compiled with DIGITNET_OMIT_BUILTIN. */
const unsigned char *ext_builtin_weights(int *size);

/* ext_builtin_json - its row and its log, as an object; *size bytes, not terminated. */
const unsigned char *ext_builtin_json(int *size);

#endif
