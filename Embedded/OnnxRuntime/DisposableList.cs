namespace Microsoft.ML.OnnxRuntime;

/// <summary>Values that are disposed together.</summary>
public interface IDisposableReadOnlyCollection<T> : IReadOnlyCollection<T>, IReadOnlyList<T>, IDisposable;

internal sealed class DisposableList<T>(int capacity) : List<T>(capacity), IDisposableReadOnlyCollection<T>
    where T : IDisposable
{
    public void Dispose()
    {
        foreach (T item in this)
        {
            item.Dispose();
        }
        Clear();
    }
}
