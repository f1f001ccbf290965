"""The words that mail programs and people use, and how text is folded before words in it are compared.

Imports nothing of ours. Begin with README.md and `lexicon`; `folding` is what texts go through first.
"""
