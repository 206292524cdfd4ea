namespace PiGrid.Grains.Registry;

/// <summary>
/// A partition's entries in pages of bounded size, so that entering one never writes a growing row. Entries stay in the page that they were
/// entered in; new ones go to the first page that has room.
/// </summary>
public sealed class RegistryPages
{
    /// <summary>The most entries of a page: about 10 KiB of state, one write of the database.</summary>
    public const int EntriesPerPage = 128;

    private readonly Dictionary<string, (int Page, int Slot)> _places = [];
    private readonly List<List<RegistryEntry>> _pages = [];

    // All pages before this one are full.
    private int _firstWithRoom;

    /// <summary>How many pages there are.</summary>
    public int Count => _pages.Count;

    /// <summary>All entries.</summary>
    public IEnumerable<RegistryEntry> Entries => _pages.SelectMany(p => p);

    /// <summary>Takes a page as it was stored; pages come in order.</summary>
    public void Load(IReadOnlyList<RegistryEntry> page)
    {
        ArgumentNullException.ThrowIfNull(page);
        _pages.Add([.. page]);
        for (var slot = 0; slot < page.Count; slot++)
        {
            _places[page[slot].Id] = (_pages.Count - 1, slot);
        }
    }

    /// <summary>The page that an entry changes and what it then holds; null when it is entered already just so.</summary>
    public (int Page, IReadOnlyList<RegistryEntry> Entries)? Plan(RegistryEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (_places.TryGetValue(entry.Id, out var place))
        {
            var known = _pages[place.Page];
            // When it was first entered is what lists are ordered by, so that stays.
            var changed = entry with { CreatedAt = known[place.Slot].CreatedAt };
            return changed == known[place.Slot] ? null : (place.Page, [.. known[..place.Slot], changed, .. known[(place.Slot + 1)..]]);
        }

        var page = _pages.FindIndex(_firstWithRoom, p => p.Count < EntriesPerPage);
        _firstWithRoom = page < 0 ? _pages.Count : page;
        return page < 0 ? (_pages.Count, [entry]) : (page, [.. _pages[page], entry]);
    }

    /// <summary>The page that taking an entry out changes and what it then holds; null when there is no such entry.</summary>
    public (int Page, IReadOnlyList<RegistryEntry> Entries)? PlanRemoval(string id) =>
        _places.TryGetValue(id, out var place) ? (place.Page, [.. _pages[place.Page].Where(entry => entry.Id != id)]) : null;

    /// <summary>Takes a page that was planned and has been stored.</summary>
    public void Apply(int page, IReadOnlyList<RegistryEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (page == _pages.Count)
        {
            _pages.Add([]);
        }

        foreach (var entry in _pages[page])
        {
            _places.Remove(entry.Id);
        }

        _firstWithRoom = Math.Min(_firstWithRoom, page);
        _pages[page] = [.. entries];
        for (var slot = 0; slot < entries.Count; slot++)
        {
            _places[entries[slot].Id] = (page, slot);
        }
    }
}
