"""One frozen dataclass for each file that passes between stages.

A JSON file is a `base.Record`: ``TrainingSummary.read(path)`` and ``summary.write(path)``. Its first key, ``format``,
is the version of the format; a file of another version is refused, and so is one with a missing or unknown key or a
value of another type. A CSV file is a table of `table.Row`: ``ManifestRow.read_rows(path)`` and
``ManifestRow.write_rows(path, rows)``, line by line ``iter_rows`` and ``open_rows``. Errors are a UserError that names
the file and what makes it again. Paths are below artifacts/<dataset>; R is recipes/<recipe> there, or a folder of hand/
or sweeps/.

=============================  ========================  ====================  =========================================
file                           record                    written by            read by
=============================  ========================  ====================  =========================================
images/meta.json               images.PreparedImages     prepare               all stages (image store), lesson, cli
images/manifest.csv            manifest.ManifestRow      prepare               image store, audit
prepared.json                  preparation.Preparation   prepare               every stage that reads images, lesson
scan/scan.json                 scan.ScanRecord           prepare               audit
scan/photos.csv                photos.PhotoRow           prepare               audit, the check of prepared images
feature_cache/meta.json        feature_cache.            feature_extract       train, compare
                               FeatureCacheMeta
audit/audit.json               audit.AuditReport         audit                 tracking, cli
R/model/summary.json           training_summary.         train, fine_tune      compare, tracking, lesson, cli
                               TrainingSummary
R/model/folds/<f>/             training_summary.         train, fine_tune      compare (that it is there)
summary.json                   FoldSummary
R/model/folds/folds.json       training_state.FoldCount  train, fine_tune      evaluate, compare
R/model/history.csv            history.History           train, fine_tune      compare, tracking, lesson
R/model/run.json               run_identity.RunIdentity  train, fine_tune      tracking, compare, resuming
R/model/layers.json            layers.LayerTable         train, fine_tune      lesson
R/model/batch_norm.csv         batch_norm.BatchNormRow   train                 lesson
R/evaluate/metrics.json        evaluation.               evaluate              compare, tracking, lesson
                               EvaluationMetrics
R/evaluate/predictions.csv     predictions.              evaluate              compare, interpret
                               PredictionRow
R/evaluate/out_of_fold.csv     predictions.OutOfFoldRow  evaluate              compare
R/evaluate/package/model.json  packaged_model.           evaluate              serving, tracking, cli
                               PackagedModel
R/interpret/summary.json       interpretation.           interpret             compare, tracking, lesson
                               InterpretationSummary
…/activations.json             pages.ActivationsPage     interpret             lesson
…/patterns.json                pages.PatternsPage        interpret, patterns   lesson
lesson/patterns/summary.json   pages.PatternsSummary     patterns              lesson
lesson/<part>/<part>.json      lesson.LessonFigures      demonstrations        tracking, lesson
report/table.json              comparison.               compare               tracking, cli
                               ComparisonTable
report/table.csv               comparison_row.           compare               a person
                               ComparisonRow
report/corrections.csv         suspects.SuspectRow       compare               a person, then prepare (as any table)
sweeps/<time>/sweep.json       sweep.Sweep               tracking              tracking
sweeps/<time>/<n>/job.json     sweep.SweepJob            sweep                 sweep
published.json                 published.Published       publish               DVC (that it is there)
.resume/<state>/: run.json,    run_identity.RunIdentity  train, fine_tune      train, fine_tune, publish
fold.json, finished.json,      training_state: Finished
made_of.json                   Fold, FinishedTraining,
                               TrainingInputs
=============================  ========================  ====================  =========================================

Files that a person opens and no stage reads, such as kernels.json, manifest.json, statistics.json, scores.json and
imagenet.json of interpret, are no records.
"""
