"""Run many experiments, one after another, to one scorecard.

| task | what it does |
|---|---|
| `plan_cells` | lays out the matrix: experiments, strike points, repeats; the agent keeps it |
| `conduct_cell` | once for each cell, one at a time: starts the experiment's own DAG, and waits for its verdict |
| `publish_scorecard` | the resilience score, stages by fault kinds, and what has changed since the last campaign |

A campaign that was interrupted goes on where it stopped: clear its run in Airflow, or name it in `resume`.
Nothing that has a verdict is run again. The run ends green only when every cell has passed.
"""

from include.orchestration.campaign_dag import build_campaign_dag

build_campaign_dag(__doc__ or "")
