# A thin front: everything real stands in meson.build and scripts/.
.PHONY: demo demo-django build test test-all bench lint install clean

demo: ; @scripts/demo
demo-django: ; @scripts/demo-django
build: ; @scripts/build
test: ; @scripts/test
test-all: ; @scripts/test-all
bench: ; @scripts/bench
lint: ; @scripts/lint
install: build ; @meson install -C build $(if $(DESTDIR),--destdir $(DESTDIR))
clean: ; @rm -rf build build-*
