// SPDX-License-Identifier: GPL-2.0
/* A capture spoilt in a way that its number decides: `mutate IN OUT NUMBER`. Bytes flipped, or the end cut off. */
#include <stdio.h>
#include <stdlib.h>

static unsigned long long state;

static unsigned int draw(unsigned int below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(state >> 33) % below;
}

int main(int argc, char **argv)
{
	static unsigned char bytes[1 << 20];
	size_t n;
	FILE *f;

	if (argc != 4)
		return 2;
	f = fopen(argv[1], "r");
	if (!f)
		return 1;
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	state = strtoull(argv[3], NULL, 0) * 0x9e3779b97f4a7c15ULL;
	if (n && draw(4) == 0)
		n = draw((unsigned int)n);
	/* the file's head stays in most, or nothing behind it would be read */
	for (unsigned int i = 1 + draw(24), head = draw(16) ? 24 : 0; n > head && i; i--)
		bytes[head + draw((unsigned int)(n - head))] ^= 1u << draw(8);
	f = fopen(argv[2], "w");
	if (!f || fwrite(bytes, 1, n, f) != n || fclose(f))
		return 1;
	return 0;
}
