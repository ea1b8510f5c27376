package api

import (
	"fmt"
	"net/http"
	"net/url"

	"muster/client"
	"muster/internal/table"
)

// routes has all operations of the API.
func (d *door) routes() {
	d.userRoutes()
	d.importRoutes()
	d.directoryRoutes()
	d.firstRoutes()

	get(d, "/formats", "list-formats", "List the formats that a file may have", d.listFormats)
	get(d, "/formats/{format}", "show-format", "Show the text of a format", d.showFormat)
	post(d, "/formats/check", "check-format", "Tell what is wrong with the text of a format, by line", d.checkFormat)
	fileOperation(d, "/formats/guess", "guess-format", "Make a format for a table, to be looked over", http.StatusOK, d.guessFormat, nil)
	put(d, "/formats/{format}", "put-format", "Add a format, or correct one", d.putFormat)
	remove(d, "/formats/{format}", "delete-format", "Delete a format of an organisation", d.deleteFormat)

	get(d, "/history", "list-history", "List who changed what, the latest first", d.listHistory)
	stream(d, "/history/export", "export-history", "The history as JSON lines, the oldest first", kinds[table.JSONL][0], d.exportHistory)
	stream(d, "/reports/mailbox", "mailbox-report", "Users as a file of format muster, which can be imported again", "application/octet-stream", d.mailboxReport)

	inSession(d, http.MethodPost, "/session", "sign-in", "Sign in, by a cookie that bears the session", d.signIn)
	inSession(d, http.MethodDelete, "/session", "sign-out", "Sign out", d.signOut)
	get(d, "/session", "show-caller", "Tell who calls, and how far they get", d.caller)
	inSession(d, http.MethodPost, "/session/password", "set-own-password", "Set a new password of one's own", d.setOwnPassword)
	post(d, "/session/second-factor", "begin-second-factor", "Make a second factor of one's own, that waits for a code", own(d.beginSecondFactor))
	post(d, "/session/second-factor/confirm", "confirm-second-factor", "Let the second factor count", own(d.confirmSecondFactor))
	post(d, "/session/second-factor/recovery-codes", "new-recovery-codes", "Make new recovery codes of one's own; the old ones do no more", own(d.newRecoveryCodes))
	post(d, "/session/second-factor/remove", "remove-own-second-factor", "Take one's own second factor away", own(d.removeOwnSecondFactor))

	get(d, "/notifications", "list-notifications", "List one's own notices, the latest first", d.listNotifications)
	post(d, "/notifications/read", "read-notifications", "Mark all of one's notices as read", d.readNotifications)
	post(d, "/notifications/{notification}/read", "read-notification", "Mark one of one's notices as read", d.readNotification)

	get(d, "/roles", "list-roles", "List the roles, and what they may do", d.listRoles)
	get(d, "/tokens", "list-tokens", "List the tokens of programs", d.listTokens)
	create(d, "/tokens", "add-token", "Make a token, which only this answer has", d.addToken, func(t *client.AddedToken) string { return "/tokens/" + t.ID })
	remove(d, "/tokens/{token}", "revoke-token", "Let a token in no more", d.revokeToken)
	d.declareETags()
}

func (d *door) userRoutes() {
	get(d, "/users", "list-users", "List users", d.listUsers)
	create(d, "/users", "add-user", "Add a user", d.addUser, userPlace)
	get(d, "/users/{user}", "show-user", "Show a user", d.showUser)
	patch(d, "/users/{user}", "set-user", "Change a user", d.setUser)
	remove(d, "/users/{user}", "delete-user", "Delete a user, who can be restored for a time", d.deleteUser)
	post(d, "/users/{user}/lock", "lock-user", "Lock a user out", d.lockUser)
	post(d, "/users/{user}/unlock", "unlock-user", "Let a user in again", d.unlockUser)
	post(d, "/users/{user}/leaver", "mark-leaver", "Mark a user as leaver, who works on for a time", d.markLeaver)
	post(d, "/users/{user}/join", "join-user", "Take a leaver back, or over into an organisation", d.joinUser)
	post(d, "/users/{user}/transfer", "transfer-user", "Move a user to another organisation", d.transferUser)
	post(d, "/users/{user}/password", "set-password", "Set a user's password, or generate one", d.setPassword)
	get(d, "/users/{user}/history", "show-history", "Show who changed a user, when, and how", d.userHistory)
	get(d, "/users/{user}/sessions", "list-sessions", "List the sessions of a user", d.listSessions)
	remove(d, "/users/{user}/sessions", "end-sessions", "Sign a user out everywhere", d.endSessions)
	remove(d, "/users/{user}/sessions/{session}", "end-session", "End a session of a user", d.endSession)
	get(d, "/users/{user}/second-factor", "show-second-factor", "Tell of the second factor of a user", d.secondFactor)
	remove(d, "/users/{user}/second-factor", "remove-second-factor", "Take the second factor from a user who has lost it", d.removeSecondFactor)
	get(d, "/users/{user}/accounts", "list-accounts", "List the e-mail accounts of a user", d.listAccounts)
	put(d, "/users/{user}/accounts/{type}/{account}", "set-account", "Add an e-mail account to a user, or change it", d.setAccount)
	remove(d, "/users/{user}/accounts/{type}/{account}", "delete-account", "Take an e-mail account from a user", d.deleteAccount)
	get(d, "/users/{user}/delegates", "list-delegates", "List the users whose mailboxes a user may open", d.listDelegates)
	put(d, "/users/{user}/delegates/{delegate}", "add-delegate", "Let a user open another one's mailbox", d.addDelegate)
	remove(d, "/users/{user}/delegates/{delegate}", "delete-delegate", "Let a user open another one's mailbox no longer", d.deleteDelegate)
	get(d, "/addresses/{address}", "show-address", "Tell who has an address", d.showAddress)
}

func (d *door) importRoutes() {
	fileOperation(d, "/imports", "upload", "Upload a file; planning goes on in the background", http.StatusAccepted, d.upload, importPlace)
	get(d, "/imports", "list-imports", "List the imports, the latest first", d.listImports)
	get(d, "/imports/{import}", "show-import", "Show an import", d.showImport)
	get(d, "/imports/{import}/rows", "list-rows", "List the rows of an import", d.listRows)
	patch(d, "/imports/{import}/rows/{row}", "set-row", "Mend cells of a row of a plan, and plan it again", d.setRow)
	post(d, "/imports/{import}/rows/{row}/leave-out", "leave-row-out", "Leave a row out of a plan", d.leaveRowOut)
	post(d, "/imports/{import}/rows/{row}/take-in", "take-row-in", "Take a row in again that was left out", d.takeRowIn)
	post(d, "/imports/{import}/apply", "apply", "Carry a plan out, in the background", d.apply)
	post(d, "/imports/{import}/resume", "resume", "Go on with an import that was interrupted", d.resume)
	post(d, "/imports/{import}/cancel", "cancel", "End an import; what was applied stays", d.cancel)
	get(d, "/imports/{import}/undo", "plan-undo", "Tell what an undo would do", d.planUndo)
	post(d, "/imports/{import}/undo", "undo", "Take back what an import changed, in the background", d.undo)
	stream(d, "/imports/{import}/results", "results", "The file again, with what became of each row", "application/octet-stream", d.results)
	stream(d, "/imports/{import}/progress", "progress", "How far an import is, as server-sent events", "text/event-stream", d.progress)
}

func (d *door) directoryRoutes() {
	get(d, "/organisations", "list-organisations", "List the organisations", d.listOrganisations)
	create(d, "/organisations", "add-organisation", "Add an organisation", d.addOrganisation, func(o *client.Organisation) string { return "/organisations/" + url.PathEscape(o.Code) })
	get(d, "/organisations/{organisation}", "show-organisation", "Show an organisation and its settings", d.showOrganisation)
	patch(d, "/organisations/{organisation}", "set-organisation", "Change the name or the settings of an organisation", d.setOrganisation)
	remove(d, "/organisations/{organisation}", "delete-organisation", "Delete an organisation that has nothing left", d.deleteOrganisation)

	get(d, "/domains", "list-domains", "List the mail domains", d.listDomains)
	create(d, "/domains", "add-domain", "Add a mail domain", d.addDomain, func(o *client.Domain) string { return "/domains/" + url.PathEscape(o.Name) })
	get(d, "/domains/{domain}", "show-domain", "Show a mail domain", d.showDomain)
	patch(d, "/domains/{domain}", "set-domain", "Change a mail domain", d.setDomain)
	remove(d, "/domains/{domain}", "delete-domain", "Delete a mail domain in which nobody has an address", d.deleteDomain)

	get(d, "/groups", "list-groups", "List the groups", d.listGroups)
	create(d, "/groups", "add-group", "Add a group below one that is there", d.addGroup, func(g *client.Group) string { return "/groups/" + g.ID })
	get(d, "/groups/{group}", "show-group", "Show a group", d.showGroup)
	patch(d, "/groups/{group}", "rename-group", "Rename a group", d.renameGroup)
	post(d, "/groups/{group}/move", "move-group", "Move a group in the tree, with all that are below it", d.moveGroup)
	remove(d, "/groups/{group}", "delete-group", "Delete a group without members and groups below it", d.deleteGroup)
	get(d, "/groups/{group}/members", "list-members", "List the members of a group", d.listMembers)
	post(d, "/groups/{group}/members", "add-member", "Put a member into a group, or give it another note", d.addMember)
	remove(d, "/groups/{group}/members/{member}", "delete-member", "Take a member out of a group", d.deleteMember)

	get(d, "/attributes", "list-attributes", "List the attributes, and how many users have each", d.listAttributes)
	post(d, "/attributes", "add-attribute", "Add an attribute", d.addAttribute)
	patch(d, "/attributes/{attribute}", "rename-attribute", "Rename an attribute, for all who have it", d.renameAttribute)
	remove(d, "/attributes/{attribute}", "delete-attribute", "Delete an attribute that nobody has", d.deleteAttribute)
}

func userPlace(u *client.ChangedUser) string { return "/users/" + u.ID }

func importPlace(imp *client.Import) string { return fmt.Sprintf("/imports/%d", imp.Import) }
