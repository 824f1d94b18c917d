"""Any file, frame or data set as `Examples`: the source's rows as Arrow tables, then what each column means."""
