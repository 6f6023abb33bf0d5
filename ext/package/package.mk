# package.mk - a part of the Makefile: what is handed on, and how it is installed.
#
#   make amalgamation   build/amalgamation/digitnet.c and .h: all of it as one file
#   make omit           tries that file without parts: -DDIGITNET_OMIT_TRAIN …
#   make static         build/static/libdigitnet.a, of that file with -DSQLITE_CORE
#   make install        PREFIX (/usr/local), LIBDIR, INCLUDEDIR, DATADIR, DESTDIR;
#                       uninstall
#   make npm wheel deb  packages that carry the library, in build/package
#   make dist           build/package/digitnet-VERSION.tar.gz, of the commit checked out
#   make release        all that, for each platform, with checksums, in build/release
#   make release-test   makes that twice and compares: tests/package/release.sh
#   make packages       makes and tries all of these: tests/package/run.sh

VERSION := $(shell sed -n 's/^\#define DIGITNET_VERSION "\(.*\)"/\1/p' ext/base/ext.h)

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share

# What explains it, in the folders that its links name.
DOCS = README.md core/README.md ext/README.md ext/package/README.md \
       ext/package/wasm/README.md sql/README.md \
       tests/README.md .github/CONTRIBUTING.md .github/SECURITY.md

P = $(B)/package
# What is installed names the places where it and the library are: reports run from any
# folder.
filled = sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
             -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' -e 's|@MAINTAINER@|$(MAINTAINER)|g' \
             -e 's|\.load \./digitnet|.load $(LIBDIR)/digitnet|g' \
             -e 's|\.read sql/|.read $(DATADIR)/digitnet/sql/|g'

# --- one file, and a static library of it -----------------------------------------------

AWK    ?= awk
ONE     = $(B)/amalgamation
SOURCES = $(foreach folder,core loaders ext,$(sort $(filter-out core/kernels/%,\
              $(wildcard $(folder)/*.c $(folder)/*/*.c))))
HEADERS = $(foreach folder,core loaders ext,$(wildcard $(folder)/*.h $(folder)/*/*.h))

$(ONE)/digitnet.c: ext/package/amalgamate.awk $(SOURCES) $(HEADERS) core/kernels/kernels.c \
    LICENSE $(B)/ext/model/builtin.model.inc $(B)/ext/model/builtin.json.inc \
    $(B)/ext/report/report_page.sql.inc
	@mkdir -p $(@D)
	@echo "  awk $@"
	$(Q)$(AWK) -v inc=$(B) -v version=$(VERSION) -f $< $(SOURCES) > $@.part
	$(Q)mv $@.part $@

$(ONE)/digitnet.h: ext/digitnet.h
	@mkdir -p $(@D)
	$(Q)cp $< $@

# Its one object has no other global names than the two of digitnet.h.
$(B)/static/digitnet.o: $(ONE)/digitnet.c Makefile
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(filter-out $(WARN),$(ALL_CFLAGS)) -DSQLITE_CORE -c -o $@ $<

$(B)/static/libdigitnet.a: $(B)/static/digitnet.o
	@rm -f $@
	$(Q)$(AR) rcsD $@ $<

amalgamation: $(ONE)/digitnet.c $(ONE)/digitnet.h

static: $(B)/static/libdigitnet.a

include ext/package/portable.mk
include ext/package/wasm.mk

# --- installed --------------------------------------------------------------------------

INSTALLED = $(LIBDIR)/digitnet$(suffix $(SO)) $(LIBDIR)/libdigitnet.a $(LIBDIR)/pkgconfig/digitnet.pc \
            $(INCLUDEDIR)/digitnet.h $(DATADIR)/digitnet

install: $(SO) $(B)/static/libdigitnet.a
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) \
	    $(DESTDIR)$(DATADIR)/digitnet/sql/report
	install -m 644 $(SO) $(DESTDIR)$(LIBDIR)/digitnet$(suffix $(SO))
	install -m 644 $(B)/static/libdigitnet.a $(DESTDIR)$(LIBDIR)
	$(filled) ext/package/digitnet.pc.in | \
	    install -m 644 /dev/stdin $(DESTDIR)$(LIBDIR)/pkgconfig/digitnet.pc
	install -m 644 ext/digitnet.h $(DESTDIR)$(INCLUDEDIR)
	set -e; for file in sql/*.sql sql/report/*.sql; do $(filled) $$file | \
	    install -m 644 /dev/stdin $(DESTDIR)$(DATADIR)/digitnet/$$file; done

uninstall:
	rm -rf $(addprefix $(DESTDIR),$(INSTALLED))

# --- packages ---------------------------------------------------------------------------

# What packages carry has no debugging information in it.
$(P)/digitnet.so: $(SO)
	@mkdir -p $(@D)
	strip --strip-unneeded -o $@ $<

# With FOR=linux-arm64 or the like they carry the portable library of that platform.
ifeq ($(origin FOR),command line)
CARRIED   = $(PORTABLE)/$(FOR)/digitnet.so
LICENCES  = $(PORTABLE)/LICENSES
WHEEL_FOR = $(FOR)
else
CARRIED   = $(P)/digitnet.so
LICENCES  = LICENSE
WHEEL_FOR = here
endif

npm: $(CARRIED) $(LICENCES)
	ext/package/npm.sh main $(VERSION) $(P) $(DOCS) sql/report.png ext/package/page.png
	ext/package/npm.sh $(FOR) $(VERSION) $(P) $(CARRIED) $(LICENCES)

PYTHON ?= python3

wheel: $(CARRIED) $(LICENCES)
	@mkdir -p $(P)
	$(PYTHON) ext/package/wheel.py $(VERSION) $(WHEEL_FOR) $(CARRIED) $(LICENCES) $(P) $(DOCS)

# As Debian's other tools, it takes the maintainer from the environment.
DEBFULLNAME ?= The digitnet authors
DEBEMAIL    ?= digitnet@packages.debian.org
MAINTAINER   = $(DEBFULLNAME) <$(DEBEMAIL)>

deb:
	@rm -rf $(P)/deb
	@mkdir -p $(P)/deb/digitnet-$(VERSION)
	cp -r .github Makefile README.md LICENSE core ext loaders sql tests $(P)/deb/digitnet-$(VERSION)
	cp -r ext/package/debian $(P)/deb/digitnet-$(VERSION)
	for file in changelog control; do $(filled) ext/package/debian/$$file \
	    > $(P)/deb/digitnet-$(VERSION)/debian/$$file; done
	cd $(P)/deb/digitnet-$(VERSION) && env -u MAKEFLAGS -u MAKELEVEL -u B -u SO \
	    dpkg-buildpackage -b -us -uc

dist:
	@mkdir -p $(P)
	git archive --format=tar --prefix=digitnet-$(VERSION)/ HEAD | gzip -n9 \
	    > $(P)/digitnet-$(VERSION).tar.gz

RELEASED ?= linux-x64 linux-arm64 linux-x64-musl linux-arm64-musl windows-x64 wasm

release:
	B=$(B) VERSION=$(VERSION) MAKE='$(MAKE)' ext/package/release.sh $(B)/release $(RELEASED)

release-test:
	@B=$(B) MAKE='$(MAKE)' tests/package/release.sh

omit: $(SO)
	@B=$(B) SO=$(SO) CC='$(CC)' MAKE='$(MAKE)' tests/package/omit.sh

packages: $(SO) static
	@B=$(B) SO=$(SO) CC='$(CC)' MAKE='$(MAKE)' tests/package/run.sh

.PHONY: omit amalgamation static install uninstall npm wheel deb dist packages \
        release release-test
