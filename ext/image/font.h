/* font.h - a font of 5x9 dots, for captions: ASCII, and a box for whatever else. */
#ifndef EXT_FONT_H
#define EXT_FONT_H

#include <stddef.h>

#define FONT_WIDTH  5
#define FONT_HEIGHT 9 /* seven above the baseline, two below */
#define FONT_STEP   6 /* from one character to the next */

/* ext_font_draw - writes a line of UTF-8 into a picture; what does not fit into its width
 * is cut off, and the last place shows an ellipsis.
 *
 *   at         the upper left dot; rows are stride bytes apart; only dots of ink are
 *              written
 *   channels   bytes a dot: all get the ink
 *   width      dots that the line may take
 *   text       [size], which need not be valid UTF-8; not terminated */
void ext_font_draw(unsigned char *at, int stride, int channels, int width,
                   const char *text, size_t size, unsigned char ink);

/* ext_font_width - dots that a line of UTF-8, text [size], takes; of no more than `most`
 * characters. */
int ext_font_width(const char *text, size_t size, int most);

#endif
