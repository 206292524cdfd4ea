using System.Runtime.CompilerServices;
using PiGrid.Api;
using PiGrid.Client.Http;

namespace PiGrid.Client;

/// <content>Lists, page by page.</content>
public sealed partial class GridClient
{
    private async IAsyncEnumerable<T> ListAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var address = after is null ? path : $"{path}&after={Escape(after)}";
            var page = await _transport.SendAsync<Page<T>>(GridCall.Get(address), cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
            {
                yield return item;
            }

            after = page.Next;
        }
        while (after is not null);
    }
}
