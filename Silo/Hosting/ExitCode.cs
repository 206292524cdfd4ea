namespace PiGrid.Silo.Hosting;

/// <summary>What the silo's exit status means; docs/operations.md lists them.</summary>
internal enum ExitCode
{
    /// <summary>Stopped as asked.</summary>
    Ok = 0,

    /// <summary>A failure that nothing here foresaw.</summary>
    Failed = 1,

    /// <summary>The settings or the command line are invalid.</summary>
    InvalidSettings = 2,

    /// <summary>The data folder cannot be used: not writable, full, damaged, or a newer release's.</summary>
    DataFolder = 3,

    /// <summary>Another silo uses the data folder.</summary>
    DataFolderInUse = 4,

    /// <summary>The address cannot be listened on: in use, or not permitted.</summary>
    Address = 5,

    /// <summary>The PostgreSQL server cannot be reached, or its database cannot be used.</summary>
    Database = 6,

    /// <summary>A backup could not be written, or cannot be restored.</summary>
    Backup = 7,
}
