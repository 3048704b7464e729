# Sourced by the scripts that run tests: runs suites and counts their real results.
# Each line of $results is "name<TAB>passed<TAB>failed<TAB>skipped".
results=${RESULTS_FILE:-build/results.tsv}

results_begin() { # starts a new count, unless a caller counts on
    [ -n "${RESULTS_FILE:-}" ] || : >"$results"
    started=$(date +%s)
}

results_add() { # NAME PASSED FAILED [SKIPPED]
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:-0}" >>"$results"
    printf '== %s: %s passed, %s failed, %s skipped\n' "$1" "$2" "$3" "${4:-0}"
}

run_meson() { # FOLDER NAME [ARGUMENTS OF meson test ...]
    local folder=$1 name=$2 code=0
    shift 2
    echo "== $name"
    meson test -C "$folder" --no-rebuild --print-errorlogs --logbase "$name" "$@" \
        </dev/null || code=$?
    results_add "$name" $(scripts/tally "$folder/meson-logs/$name.json" "$code")
}

run_pytest() { # NAME [ARGUMENTS OF pytest ...]
    local name=$1 code=0
    shift
    echo "== $name"
    rm -f "build/$name.xml"
    "${python:-.venv/bin/python}" -m pytest -q -p no:cacheprovider --junitxml="build/$name.xml" "$@" \
        </dev/null || code=$?
    results_add "$name" $(scripts/tally "build/$name.xml" "$code")
}

run_python() { # all tests in Python: those of the Django app beside the others
    local said=build/django-tests.txt
    run_django >"$said" 2>&1 &
    run_pytest python-tests tests --ignore tests/python
    wait $!
    cat "$said"
}

run_django() { # the tests in tests/python, with each Django that there is
    local quiet=(-W ignore::pytest.PytestAssertRewriteWarning)
    run_pytest django-5.2 tests/python "${quiet[@]}"
    # Long; one version is enough.
    quiet+=(--ignore tests/python/test_endurance.py --ignore tests/python/test_wheel.py)
    PYTHONPATH=.venv/django-4.2 run_pytest django-4.2 tests/python "${quiet[@]}"
    if [ -x .venv/django-6/bin/python ]; then
        python=.venv/django-6/bin/python run_pytest django-6 tests/python "${quiet[@]}"
    else
        echo "== django-6: no Python of 3.12 or later"
        results_add django-6 0 0 1
    fi
}

run_step() { # NAME COMMAND ...: a step that passes or fails as a whole
    local name=$1 code=0
    shift
    echo "== $name"
    "$@" </dev/null || code=$?
    if [ "$code" -eq 0 ]; then results_add "$name" 1 0; else results_add "$name" 0 1; fi
}

results_end() { # the last line, and the exit code
    awk -F'\t' -v seconds=$(($(date +%s) - started)) '
        { passed += $2; failed += $3; skipped += $4 }
        $3 > 0 { print "failed: " $1 }
        END {
            print "took " seconds " seconds"
            if (skipped > 0) print skipped " skipped (named above)"
            print passed + 0 " passed, " failed + 0 " failed"
            exit (failed > 0 || passed == 0)
        }' "$results"
}
