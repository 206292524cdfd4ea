namespace PiGrid.Grains.Storage;

/// <summary>Whether the store can be used now. Who uses it reports here; who must wait for it asks here. Thread-safe.</summary>
public sealed class StoreHealth
{
    private readonly Lock _lock = new();
    private string? _problem;

    /// <summary>Raised when a store that could not be used can be used again.</summary>
    public event Action? Returned;

    /// <summary>Raised when a store that could be used cannot be any more.</summary>
    public event Action? Lost;

    /// <summary>Why the store cannot be used, without secrets; null when it can.</summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
            {
                return _problem;
            }
        }
    }

    /// <summary>It was used with success; true when it could not be used before.</summary>
    public bool Succeeded()
    {
        lock (_lock)
        {
            if (_problem is null)
            {
                return false;
            }

            _problem = null;
        }

        Returned?.Invoke();
        return true;
    }

    /// <summary>It could not be used; true when it could before.</summary>
    public bool Failed(string problem)
    {
        bool isNew;
        lock (_lock)
        {
            isNew = _problem is null;
            _problem = problem;
        }

        if (isNew)
        {
            Lost?.Invoke();
        }

        return isNew;
    }
}
