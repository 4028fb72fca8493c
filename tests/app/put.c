/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * put NAME [elf]: write the application of that name, as committed, to stdout: plain bytes, or an
 * ELF file that gdb can load. So tests need no ARM compiler.
 */
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FLASH 0x08000000u
#define ARM_EABI5 0x05000000u

static const uint8_t counter[] = {
#include "counter.inc"
};
static const uint8_t stop[] = {
#include "stop.inc"
};
static const uint8_t wireless[] = {
#include "wireless.inc"
};

static const struct app {
	const char *name;
	const uint8_t *bytes;
	size_t size;
} apps[] = {
	{ "counter", counter, sizeof(counter) },
	{ "stop", stop, sizeof(stop) },
	{ "wireless", wireless, sizeof(wireless) },
};

/* The vector table knows where they are. A gdb that knows none guesses at the caller instead. */
static const struct function {
	unsigned int vector, name;
} functions[] = { { 1, 25 }, { 2, 31 }, { 15, 37 } };
#define SYMBOLS (1 + sizeof(functions) / sizeof(functions[0]))

static const char names[] = "\0.text\0.shstrtab\0.symtab\0reset\0fault\0systick";
enum { NAME_TEXT = 1, NAME_SHSTRTAB = 7, NAME_SYMTAB = 17 };
enum { SECTION_NONE, SECTION_TEXT, SECTION_NAMES, SECTION_SYMBOLS, SECTIONS };

/* Little-endian hosts only, as the tests are: the structures go out as they are. */
struct elf {
	Elf32_Ehdr head;
	Elf32_Phdr load;
	Elf32_Shdr section[SECTIONS];
	Elf32_Sym symbol[SYMBOLS];
	char names[sizeof(names)];
};

static void fill(struct elf *elf, const struct app *app)
{
	uint32_t vectors[16];

	memset(elf, 0, sizeof(*elf));
	memcpy(vectors, app->bytes, sizeof(vectors));
	memcpy(elf->head.e_ident, ELFMAG, SELFMAG);
	elf->head.e_ident[EI_CLASS] = ELFCLASS32;
	elf->head.e_ident[EI_DATA] = ELFDATA2LSB;
	elf->head.e_ident[EI_VERSION] = EV_CURRENT;
	elf->head.e_type = ET_EXEC;
	elf->head.e_machine = EM_ARM;
	elf->head.e_version = EV_CURRENT;
	elf->head.e_entry = vectors[1];
	elf->head.e_phoff = offsetof(struct elf, load);
	elf->head.e_shoff = offsetof(struct elf, section);
	elf->head.e_flags = ARM_EABI5;
	elf->head.e_ehsize = sizeof(elf->head);
	elf->head.e_phentsize = sizeof(elf->load);
	elf->head.e_phnum = 1;
	elf->head.e_shentsize = sizeof(elf->section[0]);
	elf->head.e_shnum = SECTIONS;
	elf->head.e_shstrndx = SECTION_NAMES;
	elf->load = (Elf32_Phdr){ .p_type = PT_LOAD, .p_offset = sizeof(*elf), .p_vaddr = FLASH,
		.p_paddr = FLASH, .p_filesz = (uint32_t)app->size, .p_memsz = (uint32_t)app->size,
		.p_flags = PF_R | PF_X, .p_align = 4 };
	elf->section[SECTION_TEXT] = (Elf32_Shdr){ .sh_name = NAME_TEXT, .sh_type = SHT_PROGBITS,
		.sh_flags = SHF_ALLOC | SHF_EXECINSTR, .sh_addr = FLASH, .sh_offset = sizeof(*elf),
		.sh_size = (uint32_t)app->size, .sh_addralign = 4 };
	elf->section[SECTION_NAMES] = (Elf32_Shdr){ .sh_name = NAME_SHSTRTAB, .sh_type = SHT_STRTAB,
		.sh_offset = offsetof(struct elf, names), .sh_size = sizeof(names),
		.sh_addralign = 1 };
	elf->section[SECTION_SYMBOLS] = (Elf32_Shdr){ .sh_name = NAME_SYMTAB, .sh_type = SHT_SYMTAB,
		.sh_offset = offsetof(struct elf, symbol), .sh_size = sizeof(elf->symbol),
		.sh_link = SECTION_NAMES, .sh_info = 1, .sh_addralign = 4,
		.sh_entsize = sizeof(elf->symbol[0]) };
	for (size_t i = 1; i < SYMBOLS; i++)
		elf->symbol[i] = (Elf32_Sym){ .st_name = functions[i - 1].name,
			.st_value = vectors[functions[i - 1].vector],
			.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = SECTION_TEXT };
	memcpy(elf->names, names, sizeof(names));
}

static int put(const void *data, size_t size)
{
	return fwrite(data, 1, size, stdout) != size;
}

int main(int argc, char **argv)
{
	bool as_elf = argc == 3 && strcmp(argv[2], "elf") == 0;

	for (size_t i = 0; (argc == 2 || as_elf) && i < sizeof(apps) / sizeof(apps[0]); i++) {
		struct elf elf;

		if (strcmp(apps[i].name, argv[1]) != 0)
			continue;
		fill(&elf, &apps[i]);
		return (as_elf && put(&elf, sizeof(elf))) || put(apps[i].bytes, apps[i].size) ||
			fflush(stdout) != 0;
	}
	fprintf(stderr, "usage: put counter|wireless [elf]\n");
	return 2;
}
