/** Of the File System Access API, which not every browser has: what the uploader uses. */
interface FileSystemHandle {
  queryPermission(wanted: { mode: 'read' }): Promise<PermissionState>
  requestPermission(wanted: { mode: 'read' }): Promise<PermissionState>
}
interface DataTransferItem {
  getAsFileSystemHandle(): Promise<FileSystemHandle | null>
}
interface Window {
  showOpenFilePicker?(options: { multiple: boolean }): Promise<FileSystemFileHandle[]>
}
