#!/usr/bin/env python3
"""Runs the recorded cases and fails where a figure is lower than the one checked in."""

import sys

import conformance


def main():
    args = conformance.arguments(__doc__)
    lower = False
    for name, lines in conformance.run(args):
        with open(conformance.file_of(name)) as file:
            kept = {figure: (passed, total) for figure, passed, total in conformance.figures(file)}
        for figure, passed, total in conformance.figures(lines):
            kept_passed, kept_total = kept[figure]
            said = f"{name}: {figure} {passed}/{total}, checked in {kept_passed}/{kept_total}"
            # Shares are compared, so that more cases of the same kind do not count as a change.
            if passed * kept_total < kept_passed * total:
                lower = True
                print(f"LOWER   {said}")
            elif passed * kept_total > kept_passed * total:
                print(f"higher  {said}: raise the file (scores/update)")
            else:
                print(f"same    {said}")
    if lower:
        print("--failed DIR writes the cases that fail.")
    return 1 if lower else 0


if __name__ == "__main__":
    sys.exit(main())
